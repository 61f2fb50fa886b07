"""`cassette protocols`: which streams are rebuilt, and what claims them."""

from cassette_cli.commands.options import JsonOption
from cassette_cli.errors import Exit


def command(as_json: JsonOption = False) -> int:
    """List the protocols and framings that `show --reassemble` rebuilds, and what each claims."""
    from cassette_cli.operations.reading import known_protocols
    from cassette_cli.render import listing
    from cassette_cli.render.output import Output

    listing.protocols(Output(), known_protocols(), as_json=as_json)
    return Exit.OK

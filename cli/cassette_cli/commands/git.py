"""`cassette git`: let git show what changed in cassettes."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cassette_cli.commands.options import JobsOption, JsonOption
from cassette_cli.errors import Exit, UsageError

if TYPE_CHECKING:
    from cassette_cli.operations.gitsetup import Scope

command = typer.Typer(
    add_completion=False,
    invoke_without_command=True,
    help="Let `git diff`, `show`, `log -p` and `blame` read cassettes through `cassette textconv`.",
)

_HELP = {"help_option_names": ["-h", "--help"]}

Everywhere = Annotated[bool, typer.Option("--global", help="For all of your repositories, in your own settings.")]
Local = Annotated[
    bool, typer.Option("--local", help="Attributes in .git/info/attributes: they override a committed -diff.")
]


@command.callback()
def _root(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


@command.command(context_settings=_HELP)
def install(
    everywhere: Everywhere = False,
    local: Local = False,
    pattern: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Which files, as .gitattributes takes them.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Write the settings and attributes; what others wrote there stays."""
    from cassette_cli.operations import gitsetup

    done = gitsetup.install(_scope(everywhere, local), tuple(pattern or ()))
    lines = list(done.lines)
    if done.changed and not as_json:
        lines.append("fill git's cache, so that a long diff is quick: cassette git warm REV..REV")
    return _tell("install", lines, as_json=as_json)


@command.command(context_settings=_HELP)
def uninstall(everywhere: Everywhere = False, local: Local = False, as_json: JsonOption = False) -> int:
    """Take out what `install` wrote, to the byte."""
    from cassette_cli.operations import gitsetup

    done = gitsetup.uninstall(_scope(everywhere, local))
    return _tell("uninstall", done.lines or ["nothing was installed"], as_json=as_json)


@command.command(context_settings=_HELP)
def status(everywhere: Everywhere = False, local: Local = False, as_json: JsonOption = False) -> int:
    """Say what is installed, and whether the command that git runs works; exit with 1 if it does not."""
    from cassette_cli.operations import gitsetup

    lines, works = gitsetup.status(_scope(everywhere, local))
    return _tell("status", lines, as_json=as_json, works=works)


@command.command(context_settings=_HELP)
def warm(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REV..REV | REV | PATH]…", help="Commits, or paths of HEAD; by default all of HEAD."),
    ] = None,
    jobs: JobsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Convert cassettes for git ahead of time, in one process over all cores: git keeps the text as a note."""
    from cassette_cli import git
    from cassette_cli.operations import gitsetup

    repository = git.Repository()
    revisions = [name for name in what or () if repository.is_revision(name)]
    paths = [name for name in what or () if name not in revisions]
    return _tell("warm", gitsetup.warm(revisions, paths, jobs).lines, as_json=as_json)


def _scope(everywhere: bool, local: bool) -> "Scope":
    from cassette_cli.operations import gitsetup

    if everywhere and local:
        raise UsageError("--global and --local cannot be combined", hint="choose one")
    return gitsetup.Scope(everywhere, local)


def _tell(action: str, lines: list[str], *, as_json: bool, works: bool = True) -> int:
    from cassette_cli.render.output import Output, json_line

    output = Output()
    if as_json:
        document: dict[str, Any] = {"action": action, "lines": lines, "works": works}
        output.text(json_line(document))
    else:
        for line in lines:
            output.text(line)
    return Exit.OK if works else Exit.FOUND

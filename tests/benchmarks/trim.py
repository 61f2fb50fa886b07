"""How much each option of `cassette trim` saves, by protocol: `python tests/benchmarks/trim.py FOLDER…`.

Prints a Markdown table: the streams of the cassettes in the folders, their bodies' bytes, and what each
option alone takes off them. The last column is `--all --coalesce`. Bodies are counted decoded.
"""

import sys
from collections import defaultdict

from cassette_cli.operations.loading import load_all
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.trimming import trim
from cassette_cli.operations.trim.volatile import droppable

OPTIONS = {
    "--empty": Options(),
    "--padding": Options(empty=False, padding=True),
    "--pings": Options(empty=False, pings=True),
    "--coalesce": Options(empty=False, coalesce=0),
    "--coalesce=200": Options(empty=False, coalesce=200),
    "all of them": Options(padding=True, pings=True, coalesce=0),
}


def main(folders: list[str]) -> None:
    """Measure and print."""
    streams: dict[str, int] = defaultdict(int)
    size: dict[str, int] = defaultdict(int)
    saved: dict[tuple[str, str], int] = defaultdict(int)
    files = headers = 0
    for loaded in load_all(Paths(folders), Selection(), lambda error: print(error, file=sys.stderr)):
        if loaded.cassette.not_http is not None:
            continue
        for number, (name, options) in enumerate(OPTIONS.items()):
            for one in trim(loaded, options).interactions:
                if one.frames is None:
                    continue
                protocol = one.protocol or "(none)"
                streams[protocol] += number == 0
                size[protocol] += one.size[0] if number == 0 else 0
                saved[protocol, name] += one.size[0] - one.size[1]
        result = trim(loaded, Options(empty=False, headers=droppable()))
        files += result.size[0]
        headers += result.size[0] - result.size[1]
    row = "| {} | {} | {} | " + " | ".join("{}" for _ in OPTIONS) + " |"
    print(row.format("protocol", "streams", "bytes", *OPTIONS))
    print("|---|" + "---:|" * (len(OPTIONS) + 2))
    for protocol in sorted(size, key=lambda one: -size[one]):
        cells = [_cell(saved[protocol, name], size[protocol]) for name in OPTIONS]
        print(row.format(protocol, streams[protocol], size[protocol], *cells))
    totals = [_cell(sum(saved[protocol, name] for protocol in size), sum(size.values())) for name in OPTIONS]
    print(row.format("all", sum(streams.values()), sum(size.values()), *totals))
    print(
        f"\n`--headers volatile` takes {headers} of {files} bytes of the files, {100 * headers / max(files, 1):.1f} %."
    )


def _cell(saved: int, size: int) -> str:
    return f"{saved} ({100 * saved / size:.1f} %)" if saved else "0"


if __name__ == "__main__":
    main(sys.argv[1:])

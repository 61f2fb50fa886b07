"""Where the time of reading goes: `CASSETTE_CORPUS=… python tests/benchmarks/source.py`.

Prints for the YAML and the JSON files of the corpus what `Document(raw)` takes over ruamel.yaml's C parser
alone, a document being dropped before the next is read, and what a walk over every node and an edit of
one scalar come to.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import folders
from measuring import clocked, ratio
from ruamel.yaml.cyaml import CSafeLoader
from ruamel.yaml.error import YAMLError

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.verify import apply

RUNS = 7


def bare(raw: bytes) -> None:
    with suppress(YAMLError):  # half surrogate pairs, which JSON may hold
        CSafeLoader(raw.decode()).get_single_node()


def walked(raw: bytes) -> None:
    for root in Document(raw).roots:
        for _ in walk(root):
            pass


def edited(raw: bytes) -> None:
    document = Document(raw)
    scalars = [node for root in document.roots for node in walk(root) if node.kind == "scalar"]
    apply(document, [Replace.all(scalars[len(scalars) // 2], "changed")])


def over(task: Callable[[bytes], object], raws: Iterable[bytes]) -> None:
    for raw in raws:
        task(raw)


def main() -> None:
    paths = [Path(path) for path in folders.recorded(Path(os.environ["CASSETTE_CORPUS"]))]
    print("| files | MB | `Document` | and a walk | and an edit |\n|---|---:|---:|---:|---:|")
    for title, endings in (("YAML", (".yaml", ".yml")), ("JSON", (".json", ".har"))):
        raws = [path.read_bytes() for path in paths if path.suffix in endings]
        theirs = partial(clocked, partial(over, bare, raws))
        cells = [
            f"{ratio(partial(clocked, partial(over, task, raws)), theirs, RUNS):.2f}"
            for task in (Document, walked, edited)
        ]
        print(f"| {len(raws)} {title} | {sum(map(len, raws)) / 1e6:.1f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

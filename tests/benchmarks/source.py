"""How fast the source layer reads, as ratios of a bare compose in the same run.

    CASSETTE_CORPUS=… python tests/benchmarks/source.py

Prints for YAML and for JSON the time of `Document(raw)` over that of ruamel.yaml's C parser alone on
the same files, a document being dropped before the next is read; what a walk over every node and an
edit of one scalar add; and how the time of one large document grows with its size.
"""

import gc
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ruamel.yaml.cyaml import CSafeLoader
from ruamel.yaml.error import YAMLError

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.verify import apply

ROUNDS = 7


def best(tasks: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the shortest of some rounds for each task, the tasks taking turns."""
    times = dict.fromkeys(tasks, float("inf"))
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            gc.collect()
            start = time.perf_counter()
            task()
            times[name] = min(times[name], time.perf_counter() - start)
    return times


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


def measure(title: str, raws: list[bytes]) -> None:
    def over(task: Callable[[bytes], object]) -> Callable[[], None]:
        def run() -> None:
            for raw in raws:
                task(raw)

        return run

    times = best(
        {"bare compose": over(bare), "Document": over(Document), "… and walk": over(walked), "… and edit": over(edited)}
    )
    size = sum(map(len, raws)) / 1e6
    print(f"\n{title}: {len(raws)} documents, {size:.1f} MB")
    for name, seconds in times.items():
        print(
            f"  {name:<14}{seconds * 1000:9.1f} ms {size / seconds:9.1f} MB/s {seconds / times['bare compose']:7.2f} x"
        )


def recorded(megabytes: int, *, as_json: bool) -> bytes:
    """Return one cassette of many interactions, as large as that."""
    body = json.dumps({"choices": [{"delta": {"content": "word " * 20}}] * 20})
    interaction = {
        "request": {"method": "POST", "uri": "https://api.example.com/v1"},
        "response": {"body": {"string": body}},
    }
    if as_json:
        one = json.dumps(interaction)
        return ('{"interactions": [' + ",\n".join([one] * (megabytes * 1_000_000 // len(one))) + "]}").encode()
    one = (
        "- request:\n    method: POST\n    uri: https://api.example.com/v1\n"
        f"  response:\n    body:\n      string: |-\n        {body}\n"
    )
    return ("interactions:\n" + one * (megabytes * 1_000_000 // len(one))).encode()


def main() -> None:
    folder = os.environ.get("CASSETTE_CORPUS")
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []
    for title, suffixes in (("YAML", (".yaml", ".yml")), ("JSON", (".json",))):
        raws = [path.read_bytes() for path in files if path.suffix in suffixes]
        if raws:
            measure(f"{title} of the corpus", raws)
    for as_json in (False, True):
        for megabytes in (5, 25):
            measure(f"one {'JSON' if as_json else 'YAML'} document", [recorded(megabytes, as_json=as_json)])


if __name__ == "__main__":
    main()

"""How long reassembling takes, against `json.loads` over the data of the same frames, in one run.

    CASSETTE_CORPUS=../shared/corpus PYTHONPATH=cli:tests python tests/benchmarks/reassemble.py

Every stream of the corpus is cut into frames once, outside the clock; frames are made anew for each
round, so that no parsed value is reused. Prints the ratio by protocol and over all; the limit is 3.
"""

import contextlib
import gc
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import independent
from cassette_cli.streams import framing, generic
from cassette_cli.streams.base import Exchange
from cassette_cli.streams.frames import _UNREAD, Framed
from cassette_cli.streams.reassemble import identify, reassemble
from cassette_cli.streams.registry import PROTOCOLS

LIMIT = 3.0
ROUNDS = 7


def streams(corpus: Path) -> list[tuple[str, Exchange, Framed]]:
    """Cut every stream of the corpus: (protocol, exchange, frames)."""
    found = []
    for line in (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines():
        for recorded in independent.interactions(corpus / json.loads(line)["path"]):
            headers = {name.lower(): value for name, value in recorded.response_headers}
            kind = headers.get("content-type", "").lower()
            try:
                payload: str | bytes = recorded.response_body.decode()
            except UnicodeDecodeError:
                payload = recorded.response_body
            framed = framing.split(payload, kind)
            if framed is None:
                continue
            asked = (recorded.request_body or b"").decode("utf-8", "replace")
            exchange = Exchange(recorded.method, recorded.url, asked, recorded.status, kind, framed.framing)
            protocol = identify(exchange, framed)
            found.append((protocol.NAME if protocol else generic.NAME, exchange, framed))
    return found


def fresh(framed: Framed) -> Framed:
    """Copy the frames without what was parsed of them."""
    return replace(framed, frames=[replace(frame, parsed=_UNREAD) for frame in framed.frames], notes=[])


def parse_all(group: list[tuple[Exchange, Framed]]) -> None:
    """Do the work that the ratio is measured against."""
    for _, framed in group:
        for frame in framed.frames:
            with contextlib.suppress(ValueError):
                json.loads(frame.data)


def reassemble_all(group: list[tuple[Exchange, Framed]], protocol: Any) -> None:
    """Do the work that is measured."""
    for exchange, framed in group:
        reassemble(exchange, framed, protocol)


def clocked(work: Callable[[], object]) -> float:
    """Return the seconds that the work takes, without the collector's pauses."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    work()
    spent = time.perf_counter() - start
    gc.enable()
    return spent


def main() -> int:
    """Measure, print the table, and say by the exit code whether the limit holds."""
    corpus = os.environ.get("CASSETTE_CORPUS")
    if not corpus:
        print("CASSETTE_CORPUS is not set", file=sys.stderr)
        return 2
    by_name = defaultdict(list)
    for name, exchange, framed in streams(Path(corpus)):
        by_name[name].append((exchange, framed))
    protocols = {protocol.NAME: protocol for protocol in (*PROTOCOLS, generic)}
    sums = [0.0, 0.0]
    print(f"{'protocol':24} {'streams':>7} {'frames':>7} {'json ms':>9} {'ours ms':>9} {'ratio':>6}")
    for name, group in sorted(by_name.items()):
        best = [float("inf"), float("inf")]
        for _ in range(ROUNDS):
            copies = [(exchange, fresh(framed)) for exchange, framed in group]
            best[0] = min(best[0], clocked(partial(parse_all, copies)))
            best[1] = min(best[1], clocked(partial(reassemble_all, copies, protocols[name])))
        frames = sum(len(framed.frames) for _, framed in group)
        print(f"{name:24} {len(group):7} {frames:7} {best[0] * 1e3:9.2f} {best[1] * 1e3:9.2f} {best[1] / best[0]:6.2f}")
        sums = [sums[0] + best[0], sums[1] + best[1]]
    ratio = sums[1] / sums[0]
    print(f"{'all':24} {'':7} {'':7} {sums[0] * 1e3:9.2f} {sums[1] * 1e3:9.2f} {ratio:6.2f}   (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())

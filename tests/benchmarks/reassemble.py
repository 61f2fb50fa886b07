"""How long reassembling takes, against `json.loads` over the data of the same frames.

    CASSETTE_CORPUS=… PYTHONPATH=tests python tests/benchmarks/reassemble.py

Every stream of the corpus is cut into frames once, outside the clock; frames are made anew for each
round, so that no parsed value is reused. Prints the ratio by protocol and over all.
"""

import contextlib
import json
import os
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from measuring import clocked

import independent
from cassette_cli.providers.base import Exchange
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from cassette_cli.streams.frames import _UNREAD, Framed

LIMIT = 3.0
RUNS = 7


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
            found.append((protocol.name if protocol else generic.name, exchange, framed))
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


def main() -> None:
    """Measure and print."""
    by_name = defaultdict(list)
    for name, exchange, framed in streams(Path(os.environ["CASSETTE_CORPUS"])):
        by_name[name].append((exchange, framed))
    protocols = {protocol.name: protocol for protocol in (*PROTOCOLS, generic)}
    spent: dict[str, list[tuple[float, float]]] = {}
    print("| protocol | streams | frames | ratio |\n|---|---:|---:|---:|")
    for name, group in sorted(by_name.items()):
        spent[name] = []
        for _ in range(RUNS):
            copies = [(exchange, fresh(framed)) for exchange, framed in group]
            theirs = clocked(partial(parse_all, copies))
            spent[name].append((clocked(partial(reassemble_all, copies, protocols[name])), theirs))
        frames = sum(len(framed.frames) for _, framed in group)
        print(f"| {name} | {len(group)} | {frames} | {median(ours / theirs for ours, theirs in spent[name]):.2f} |")
    rounds = zip(*spent.values(), strict=True)
    total = median(sum(ours for ours, _ in one) / sum(theirs for _, theirs in one) for one in rounds)
    print(f"| all, limit {LIMIT:g} | | | {total:.2f} |")


if __name__ == "__main__":
    main()

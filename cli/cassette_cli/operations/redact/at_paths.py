"""Values at the JSON paths that a user gave."""

from collections.abc import Iterable, Iterator
from json import dumps

from cassette_cli.errors import ParseError
from cassette_cli.operations.redact import credentials
from cassette_cli.operations.redact.hits import Hit, Secret
from cassette_cli.operations.redact.paths import JsonPath
from cassette_cli.operations.redact.rules.table import Rule
from cassette_cli.operations.redact.text import Finder
from cassette_cli.operations.redact.values import is_placeholder
from cassette_cli.source import json
from cassette_cli.source.nodes import Node


def path_hits(finder: Finder, paths: Iterable[tuple[JsonPath, Rule]], text: str) -> Iterator[Hit]:
    """Yield a hit for each value of a JSON text that one of the paths names; none where it is no JSON."""
    try:
        roots = json.compose(text)
    except ParseError:
        return
    for path, rule in paths:
        for root in roots:
            for node in path.scalars(root):
                yield from _path_hit(finder, rule, node)


def _path_hit(finder: Finder, rule: Rule, node: Node) -> Iterator[Hit]:
    replacing = finder.replacing
    if not is_placeholder(node.value, replacing.own) and not replacing.allows(node.value):
        masked = credentials.mask(node.value)
        quoted = node.tag == "str"
        start, end = (node.start + 1, node.end - 1) if quoted else node.span
        texts = (replacing.text(rule, node.value), masked)
        new, shown = (dumps(one)[1:-1] if quoted else dumps(one) for one in texts)
        yield Hit(start, end, new, shown, (Secret(rule, node.value, masked),))

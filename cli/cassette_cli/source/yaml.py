"""YAML text to nodes, by composing alone: no object is constructed, so no tag can do anything.

The C parser of ruamel.yaml.clib is ten times faster than the pure one, which stands in where there
is no C extension. Both give the same nodes.
"""

import re
from pathlib import Path
from typing import Any

from cassette_cli.errors import ParseError
from cassette_cli.source.nodes import Node

MAX_DEPTH = 200
"""How deep collections may nest. The C parser overflows its stack past some 20,000 levels."""

_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_COMPACT = re.compile(rb"(?:[-?:][ \t]+){%d}" % MAX_DEPTH)
_INDENTED = re.compile(rb"^[ \t]{%d}[ \t]*[^\s]" % MAX_DEPTH, re.MULTILINE)


def compose(text: str, raw: bytes, path: str | Path | None = None, *, pure: bool = False) -> list[Node]:
    """Compose every document of the text; `raw` is the same text in UTF-8, for a quick look at its nesting.

    Raises `ParseError` with the line where the text is no YAML, or nests deeper than `MAX_DEPTH`.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        if _may_be_deep(raw):
            _check_depth(text, path, pure=pure)
        loader = _loader(text, pure=pure)
        roots = []
        while loader.check_node():
            roots.append(Node.view(loader.get_node()))
        return roots
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ParseError(
            "the file holds a control character that YAML forbids",
            path=path,
            line=line,
            hint="is it a text file? a recorder would have written it as an escape",
        ) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "not well-formed"
        raise ParseError(
            f"not valid YAML: {what}",
            path=path,
            line=None if mark is None else mark.line + 1,
            hint="mend the file, or record it again",
        ) from error
    except YAMLError as error:
        raise ParseError(f"not valid YAML: {error}", path=path, hint="mend the file, or record it again") from error
    except RecursionError as error:
        raise _too_deep(path, None) from error


def _loader(text: str, *, pure: bool) -> Any:
    if not pure:
        try:
            from ruamel.yaml.cyaml import CSafeLoader
        except ImportError:
            pass
        else:
            return CSafeLoader(text)
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    constructor, _ = yaml.get_constructor_parser(text)
    return constructor.composer


def _may_be_deep(raw: bytes) -> bool:
    """Say cheaply whether the text could nest too deep; wrong only on the safe side.

    Brackets are all that is kept, then matching neighbours are struck out, round by round: each
    round takes the innermost level away, so sound text is used up in as many rounds as it is deep.
    """
    brackets = raw.translate(None, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if len(brackets) <= MAX_DEPTH:
            break
        shorter = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    if len(brackets) > MAX_DEPTH:
        return True
    return b" " * MAX_DEPTH in raw and bool(_INDENTED.search(raw)) or bool(_COMPACT.search(raw))


def _check_depth(text: str, path: str | Path | None, *, pure: bool) -> None:
    """Count the nesting exactly, event by event, and stop at the limit."""
    from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

    loader = _loader(text, pure=pure)
    parser = getattr(loader, "parser", loader)
    depth = 0
    while parser.check_event():
        event = parser.get_event()
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep(path, event.start_mark.line + 1)
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


def _too_deep(path: str | Path | None, line: int | None) -> ParseError:
    return ParseError(
        f"nested more than {MAX_DEPTH} levels deep", path=path, line=line, hint="no recorder writes such a file"
    )

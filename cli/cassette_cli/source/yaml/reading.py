"""YAML text to nodes, by composing alone: no object is constructed, so no tag can do anything.

Three readers give the same nodes. What recorders write is read by lines; all else, and what must be
proved, by the C parser of ruamel.yaml.clib, or by the pure one where there is no C extension.
"""

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cassette_cli.errors import ParseError
from cassette_cli.source.nodes import ComposedNode, Node
from cassette_cli.source.yaml import blocks as block_yaml

if TYPE_CHECKING:
    from pathlib import Path

Reader = Literal["lines", "c", "pure", "1.2"]
"""The first that is to try: by lines, the C parser, the pure one by libyaml's grammar, the same by that of YAML 1.2."""

MAX_DEPTH = 200
"""How deep collections may nest."""

_MEND = "fix the file, or record it again"
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # YAML 1.1, 5.1


def compose(
    text: str, path: "str | Path | None" = None, *, reader: Reader = "lines", raw: bytes | None = None
) -> tuple[list[Node], Reader]:
    """Compose every document of the text; `raw` are its bytes, where they are at hand.

    Returns the reader beside them: "1.2" where that alone read what "lines" was asked for, else the one
    that was asked for. Raises `ParseError` with the line where the text is no YAML, or nests deeper
    than `MAX_DEPTH`.
    """
    if reader == "lines":
        root = block_yaml.compose(text, MAX_DEPTH, raw)
        if root is not None:
            return [root], reader
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    from cassette_cli.source.yaml.loaders import TooDeepError

    try:
        return [ComposedNode(node) for node in _composed(text, reader)], reader
    except TooDeepError as error:
        raise too_deep(path, error.line) from error
    except MarkedYAMLError as error:
        if reader == "lines" and (roots := _by_yaml_1_2(text, error)) is not None:
            return [ComposedNode(node) for node in roots], "1.2"
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "not well-formed"
        line = None if mark is None else mark.line + 1
        raise ParseError(f"not valid YAML: {what}", path=path, line=line, hint=_MEND) from error
    except YAMLError as error:  # the readers of both parsers know no line
        forbidden = re.search(_FORBIDDEN, text)  # compiled only here: it takes longer than a small cassette
        if forbidden is None:
            raise ParseError(f"not valid YAML: {error}", path=path, hint=_MEND) from error
        raise ParseError(
            f"a control character that YAML forbids: U+{ord(forbidden.group()):04X}",
            path=path,
            line=text.count("\n", 0, forbidden.start()) + 1,
            hint="is it a text file? recorders escape this character",
        ) from error
    except RecursionError as error:
        raise too_deep(path, None) from error


def _composed(text: str, reader: Reader) -> list[Any]:
    """Return the documents as ruamel.yaml composed them."""
    from ruamel.yaml.composer import ComposerError

    from cassette_cli.source.yaml import loaders

    if reader == "1.2":
        return _documents(loaders.Yaml12Loader(text, MAX_DEPTH + 1))
    if reader != "pure" and loaders.HAS_C:
        try:
            return _documents(loaders.CLoader(text, MAX_DEPTH + 1))  # a scalar is one level more
        except ComposerError as error:
            # Sound by YAML 1.2 (7.1), which the C composer does not know yet.
            if "duplicate anchor" not in (error.context or ""):
                raise
    return _documents(loaders.PureLoader(text, MAX_DEPTH + 1))


def _by_yaml_1_2(text: str, error: Any) -> list[Any] | None:
    """Return the documents of what libyaml refused for `error`, None where the grammar of YAML 1.2 does, too.

    That one lets plain scalars in flow collections hold `:` and `?`, as URLs do.
    """
    from ruamel.yaml.error import YAMLError

    from cassette_cli.source.yaml import loaders

    mark = error.problem_mark
    if mark is None or not text[mark.index :].strip():
        return None  # the text ends too early by any grammar, and to read it again would take long
    try:
        return _composed(text, "1.2")
    except (YAMLError, loaders.TooDeepError, RecursionError):
        return None


def _documents(loader: Any) -> list[Any]:
    roots = []
    while loader.check_node():
        roots.append(loader.get_node())
    return roots


class Said(NamedTuple):
    """What a text says by libyaml's events: a hash of each item of its list, and one of all around them."""

    around: bytes
    items: list[bytes]


def said(raw: bytes, start: int, path: "str | Path | None" = None) -> Said:
    """Return what a text says whose list below the root begins at character `start`, event by event: no tree is held.

    Two texts that say the same have the same tree. Raises `ParseError` where it is no YAML, or there is no libyaml.
    """
    from ruamel.yaml.error import YAMLError

    from cassette_cli.source.yaml import loaders

    if not loaders.HAS_C:
        raise ParseError("there is no libyaml", path=path)
    try:
        return Said(*loaders.hashes(raw, start))
    except YAMLError as error:
        raise ParseError(f"not valid YAML: {error}", path=path, hint=_MEND) from error


def too_deep(path: "str | Path | None", line: int | None) -> ParseError:
    """Make the error for a text that nests deeper than `MAX_DEPTH`."""
    return ParseError(
        f"nested more than {MAX_DEPTH} levels deep", path=path, line=line, hint="recorders do not write such files"
    )

"""Scalars on a line, in quotes and in blocks, as libyaml reads them (YAML 1.2.2, 7.3 and 8.1; libyaml's scanner.c).

For `block_yaml`, which leaves to a whole parser what is unusual here.
"""

import re
from functools import cache, lru_cache
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from cassette_cli.source.later import pattern

FIRST = r"[^ \t\n\-?:,\[\]{}#&*!|>'\"%@`]"
_REST = r"[^ \t\n:#]*+(?>(?![ :#])|(?:(?: ++(?=[^\t\n#])|:(?=[^ \t\n])|(?<! )#)[^ \t\n:#]*+)*)"
PLAIN = rf"(?:{FIRST}|-(?=[^ \t\n])){_REST}"
"""A plain scalar on one line, and what it begins with but for a dash."""
MORE_PLAIN = rf"[^ \t\n:#]{_REST}"
"""A line in which a plain scalar goes on."""
_SINGLE = pattern(r"'[^']*+(?>(?:''[^']*+)*)'")
_DOUBLE = pattern(r'"[^"\\]*+(?>(?:\\[\s\S][^"\\]*+)*)"')
_LITERAL = pattern(r"\|(?:([-+])?([1-9])?|([1-9])([-+]))(?=\n)")
_INDENTATION = pattern(r"\n++( *+)(?=[^ \t\n])")
_MARKER = pattern(r"\n(?:---|\.\.\.)(?:[ \t\n]|\Z)")
_FOLD = pattern(r"\n *+")
_BREAKS = pattern(r"[ \t\n]++")
_ESCAPED_BLANK = pattern(r"\\ (?=[^ \t\n])")
_LARGE = 1 << 20
_BLANK = frozenset(("", " ", "\t"))
_HALF_PAIR = pattern(r"\\u[dD][89a-fA-F]")
_WIDE = pattern(r"[0-9a-fA-F]{8}")
_AS_JSON = {r"\x": r"\u00", r"\ ": " ", "\\\t": "\t", r"\0": r"\u0000", r"\a": r"\u0007", r"\v": r"\u000b",
            r"\e": r"\u001b", r"\N": r"\u0085", r"\_": r"\u00a0", r"\L": r"\u2028", r"\P": r"\u2029"}  # fmt: skip
"""The escapes of YAML that JSON does not know."""
_BACKSLASH = "\ud800"  # stands in for an escaped one: no text and no escape can hold half a pair


class UnusualError(Exception):
    """There is something in the text that a whole parser must read."""


def double(text: str, at: int) -> tuple[str, int]:
    """Return the value of a scalar in double quotes, and where it ends.

    JSON's scanner, which is in C, knows most of YAML's escapes.
    """
    line = text[at : text.index("\n", at)]
    wide = False
    if line[-1] == '"':
        try:
            value, size = scanstring(line, 1, False)
        except JSONDecodeError as error:
            wide = line.startswith(r"\U", error.pos)
        else:
            if not value.isascii() and _has_half_pairs(line):  # JSON joins pairs
                raise UnusualError
            return value, at + size
    return _double_lines(text, at, wide=wide)


def _double_lines(text: str, at: int, *, wide: bool) -> tuple[str, int]:
    """Return the same for one of several lines, or with escapes that JSON does not know, which ends with a line."""
    quote = text.find('"\n', at + 1)
    while quote >= 0 and _is_escaped(text, quote):
        quote = text.find('"\n', quote + 1)
    if quote < 0:
        raise UnusualError
    return _value_of(text[at : quote + 1], wide=wide), quote + 1


def quoted(text: str, at: int) -> tuple[str, int]:
    """Return the same as `double`, where more may stand behind the scalar."""
    found = _DOUBLE.match(text, at)
    if found is None:
        raise UnusualError
    return _value_of(found.group()), found.end()


def _value_of(raw: str, *, wide: bool = False) -> str:
    raw = _unfolded(raw, escaped=True) if "\n" in raw else raw
    value = _scanned(_narrowed(raw) if wide else raw)
    # JSON joins pairs, YAML does not. Those behind a backslash that is escaped are none.
    if not value.isascii() and _has_half_pairs(raw) and _has_half_pairs(raw.replace("\\\\", _BACKSLASH)):
        raise UnusualError
    return value


def _scanned(raw: str) -> str:
    """Return the value of a string by JSON's scanner; an escape unknown to it is put in its words where it stops."""
    if "\\" not in raw:
        if raw.index('"', 1) != len(raw) - 1:
            raise UnusualError
        return raw[1:-1]
    for _ in range(len(_AS_JSON) + 2):
        try:
            value, end = scanstring(raw, 1, False)
        except JSONDecodeError as error:
            escape = raw[error.pos : error.pos + 2]
            if escape == r"\U":
                raw = _narrowed(raw)
            elif escape in _AS_JSON:
                if f"\\{escape}" in raw:
                    raw = raw.replace("\\\\", _BACKSLASH)
                raw = raw.replace(escape, _AS_JSON[escape])
            else:
                break
        else:
            if end != len(raw):
                break
            return str(value if raw.isascii() else value.replace(_BACKSLASH, "\\"))
    raise UnusualError


def _narrowed(raw: str) -> str:
    """Return a string with JSON's escapes for characters past U+FFFF: pairs."""
    pieces = raw.split(r"\U")
    made = pieces[:1]
    for piece in pieces[1:]:
        escaped = _is_escaped(made[-1], len(made[-1]))
        made += (r"\U", piece) if escaped else (_pair(piece[:8]), piece[8:])
    return "".join(made)


@lru_cache(maxsize=1024)
def _pair(digits: str) -> str:
    code = int(digits, 16) - 0x10000 if _WIDE.fullmatch(digits) else -1
    if code < 0 or code > 0xFFFFF:
        raise UnusualError
    return rf"\u{0xD800 + (code >> 10):04x}\u{0xDC00 + (code & 0x3FF):04x}"


def _has_half_pairs(raw: str) -> bool:
    return "\\u" in raw and _HALF_PAIR.search(raw) is not None


def _is_escaped(text: str, at: int) -> bool:
    """Say whether an odd number of backslashes stands before a place."""
    start = at
    while start and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def single(text: str, at: int) -> tuple[str, int]:
    """Return the value of a scalar in single quotes, and where it ends."""
    found = _SINGLE.match(text, at)
    if found is None:
        raise UnusualError
    value = found.group()[1:-1]
    if "\n" in value:
        value = _unfolded(value, escaped=False)
    return value.replace("''", "'"), found.end()


def _unfolded(text: str, *, escaped: bool) -> str:
    """Return a scalar of several lines as one: a break is a space, more are one less, an escaped one is none.

    A large one is read a part at a time, for the lines of all of it would take several times its size.
    """
    parts: list[str] = []
    at = cut = 0
    while (cut := text.find("\n", max(cut + 1, at + _LARGE))) >= 0:
        before = text[cut - 1]
        if before in " \t\n" or (escaped and text[cut - 2 : cut] == "\\\\"):
            continue  # to be cut in a plainer place
        behind = _BREAKS.match(text, cut)
        assert behind is not None
        breaks, end = behind.group().count("\n"), behind.end()
        if _MARKER.match(text, end - 1):
            raise UnusualError
        if not (escaped and before == "\\"):
            parts += (_unfolded_whole(text[at:cut], escaped=escaped), "\n" * (breaks - 1) or " ")
        elif breaks == 1:
            parts.append(_unfolded_whole(text[at : cut - 1], escaped=escaped))
        else:
            continue
        at = end + (escaped and _ESCAPED_BLANK.match(text, end) is not None)
    return "".join([*parts, _unfolded_whole(text[at:], escaped=escaped)])


def _unfolded_whole(text: str, *, escaped: bool) -> str:
    """Return the same of a scalar, or a part of one, that is read at once."""
    if "\n" not in text:
        return text
    even = _unfolded_evenly(text, escaped=escaped)
    if even is not None:
        return even
    if _MARKER.search(text):
        raise UnusualError
    first, *lines = text.split("\n")
    lines = [first, *[line.lstrip(" \t") for line in lines]]
    last = lines.pop()
    lines = [line.rstrip(" \t") for line in lines]
    if escaped and any(line.endswith("\\") for line in lines):
        raise UnusualError
    pieces, blank = lines[:1], 0
    for line in lines[1:]:
        if line:
            pieces += ("\n" * blank or " ", line)
            blank = 0
        else:
            blank += 1
    return "".join([*pieces, "\n" * blank or " ", last])


def _unfolded_evenly(text: str, *, escaped: bool) -> str | None:
    """Return the same of a scalar that a program folded, None for others.

    Its lines are indented alike, none is empty, and all breaks are escaped or none. A line that begins with a
    blank of its own has it escaped.
    """
    first = _FOLD.search(text)
    assert first is not None
    fold = first.group()
    broken = escaped and text[first.start() - 1] == "\\"
    lines = text.split("\\" + fold if broken else fold)
    if fold == "\n" or text.count("\n") >= len(lines):
        return None
    firsts, lasts = {line[:1] for line in lines[1:]}, {line[-1:] for line in lines[:-1]}
    if not _BLANK.isdisjoint(firsts if broken else firsts | lasts):
        return None
    if escaped and "\\" in lasts:
        ends = (line for line in lines[:-1] if line[-1:] == "\\")
        if not broken or any(_is_escaped(line, len(line)) for line in ends):
            return None
    if escaped and "\\" in firsts:
        lines = [line[line[:2] == "\\ " :] for line in lines]
    return ("" if broken else " ").join(lines)


def literal(text: str, at: int, indent: int) -> tuple[str, int]:
    """Return the value of a literal scalar (YAML 8.1.2), and where it ends: behind its last line break.

    Its indentation is stated, counted from `indent`, or that of its first line.
    """
    header = _LITERAL.match(text, at)
    if header is None:
        raise UnusualError
    break_at = header.end()
    stated, chomping = header[2] or header[3], header[1] or header[4]
    spaces = indent + int(stated) if stated is not None else _spaces(text, break_at)
    if spaces <= indent:
        raise UnusualError
    last = _end_of_block(spaces).search(text, break_at)
    assert last is not None
    if last.start() == break_at:
        raise UnusualError
    value = text[break_at : last.end()].replace("\n" + " " * spaces, "\n")[1:]
    stripped = value.rstrip("\n")
    if not stripped:
        raise UnusualError
    if chomping != "+":
        value = stripped if chomping == "-" else stripped + "\n"
    return value, last.end()


def _spaces(text: str, break_at: int) -> int:
    """Return how far the first line that is not empty is indented; raises where that does not tell."""
    found = _INDENTATION.match(text, break_at)
    if found is None:
        raise UnusualError
    return len(found[1])


@cache
def _end_of_block(spaces: int) -> re.Pattern[str]:
    """Return what finds the line break behind which a line is indented less than the block."""
    return re.compile(rf"\n(?! {{{spaces}}}|\n)")

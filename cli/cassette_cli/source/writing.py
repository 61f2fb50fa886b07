"""Writing a value in a scalar's own style, or in one that can hold it."""

import json
import re
from typing import NamedTuple

from cassette_cli.source.later import pattern

_UNPRINTABLE = pattern(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)  # YAML 1.2.2, c-printable, less the byte order mark and the breaks that YAML 1.1 readers see
_JSON_ESCAPE = pattern(r'[\x00-\x1f"\\\ud800-\udfff]')
_YAML_ESCAPE = pattern('["\\\\]|[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')
_NAMED = {
    "\0": "0", "\a": "a", "\b": "b", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e", '"': '"', "\\": "\\"
}  # fmt: skip
_PLAIN = pattern(
    r"[A-Za-z0-9_./$(\u00a1-\u1fff\u2c00-\ud7ff\uf900-\ufdcf]"
    r"(?:[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]*[^\x00-\x20\x7f-\xa0\u2028\u2029\ufeff])?"
)
_PLAIN_BREAKERS = pattern(r":(?:\s|$)|\s#|[\ud800-\udfff\ufffe\uffff]|^\.\.\.|^---")
_FLOW_BREAKERS = pattern(r"[\[\]{},?:]")  # libyaml takes no colon there, be it in a URL

_CORE_TAGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("null", pattern(r"~|null|Null|NULL|")),
    ("bool", pattern(r"true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[yYnN]")),
    ("int", pattern(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)(?::[0-5]?\d)*")),
    ("float", pattern(r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?(?::[0-5]?\d)*(?:\.[0-9_]*)?"
                         r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")),
    ("timestamp", pattern(r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:.*)?")),
    ("merge", pattern(r"<<|=")),
)  # fmt: skip


class Context(NamedTuple):
    """Where a scalar stands: the grammar, the file's line break, and what its surroundings forbid.

    `indent` is that of a block scalar's lines; `flow` says that the scalar is inside brackets, `key`
    that it is a mapping's key; `ascii` that the file escapes everything else.
    """

    is_json: bool
    newline: str = "\n"
    indent: str = ""
    flow: bool = False
    key: bool = False
    ascii: bool = False


def plain_tag(text: str) -> str:
    """Return the type that a YAML 1.1 or 1.2 reader may take a plain scalar for; `str` if none other."""
    return next((tag for tag, pattern in _CORE_TAGS if pattern.fullmatch(text)), "str")


def fits_plain(value: str, context: Context) -> bool:
    """Say whether a string can stand plain and still be that string to every reader."""
    if not _PLAIN.fullmatch(value) or _PLAIN_BREAKERS.search(value) or plain_tag(value) != "str":
        return False
    return not ((context.flow and _FLOW_BREAKERS.search(value)) or (context.key and len(value) > 1000))


def escape(value: str, context: Context) -> str:
    """Return the inside of a double-quoted scalar or JSON string."""
    if context.is_json:
        return json.dumps(value)[1:-1] if context.ascii else _JSON_ESCAPE.sub(_json_escape, value)
    return _YAML_ESCAPE.sub(_yaml_escape, value)


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def _yaml_escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _NAMED:
        return "\\" + _NAMED[char]
    code = ord(char)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def inline(value: str, style: str, context: Context, *, guarded: bool = False) -> str | None:
    """Return a piece of a value as it stands inside a scalar of this style; None where it cannot.

    `guarded` escapes the blanks at its ends, which a fold beside them would swallow.
    """
    if style == "double":
        return _guard(value, context) if guarded else escape(value, context)
    if guarded or _UNPRINTABLE.search(value):
        return None
    if "\n" in value and style != "literal":  # whose lines are for the caller to indent
        return None
    return value.replace("'", "''") if style == "single" else value


def _guard(value: str, context: Context) -> str | None:
    inner = value.strip(" \t")
    if context.is_json or inner == value:
        return None
    head, tail = value[: len(value) - len(value.lstrip(" \t"))], ""
    if inner:
        tail = value[len(value.rstrip(" \t")) :]
    blanks = {" ": "\\x20", "\t": "\\t"}
    return "".join([*map(blanks.__getitem__, head), escape(inner, context), *map(blanks.__getitem__, tail)])


def whole(value: str, style: str, context: Context, header: str = "") -> str:
    """Return a whole scalar, in this style if it can hold the value, else in the nearest that can.

    `header` is the comment of a block scalar's first line; a block scalar ends with its last line's
    break, and so does what is written in its place.
    """
    if context.is_json:
        return f'"{escape(value, context)}"'
    if style in ("literal", "folded"):
        return _literal(value, context, header) or f'"{escape(value, context)}"{header}{context.newline}'
    if style == "plain" and fits_plain(value, context):
        return value
    if style in ("plain", "single") and not _UNPRINTABLE.search(value) and "\n" not in value and "\t" not in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{escape(value, context)}"'


def _literal(value: str, context: Context, header: str) -> str | None:
    if not value.strip("\n") or value[0] in " \t\n" or _UNPRINTABLE.search(value) or not context.indent:
        return None
    body = value.rstrip("\n")
    trailing = len(value) - len(body)
    chomp = "-" if trailing == 0 else "" if trailing == 1 else "+"
    lines = [context.indent + line if line else "" for line in body.split("\n")]
    if lines[-1].isspace():  # a last line of blanks alone would be chomped with the breaks
        return None
    lines += [""] * max(trailing - 1, 0)
    return f"|{chomp}{header}{context.newline}" + "".join(line + context.newline for line in lines)

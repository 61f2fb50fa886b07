"""The tag of a plain scalar that states none, by YAML 1.2's core schema as ruamel.yaml words it.

ruamel.yaml's own table (`resolver.py`, `implicit_resolvers`) would cost its import, which takes longer
than a small cassette takes to read; the tests hold the two together.
"""

from cassette_cli.source.later import pattern

_WORDS = {
    "~": "null", "null": "null", "Null": "null", "NULL": "null",
    "true": "bool", "True": "bool", "TRUE": "bool", "false": "bool", "False": "bool", "FALSE": "bool",
    "<<": "merge", "=": "value",
}  # fmt: skip
_NUMBER = pattern(
    r"(?P<float>[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
    r"|(?P<int>[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)"
    r"|(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)"
)
_OPENS_NUMBER = frozenset("-+.0123456789")
_ENDS_NUMBER = frozenset("0123456789._abcdefABCDEFnNZ")
TEXT_OPENS = frozenset(map(chr, range(0x21, 0x7F))) - _OPENS_NUMBER - {word[0] for word in _WORDS}
"""With what a scalar may begin that is text, whatever follows."""


def implicit(value: str) -> str:
    """Return `null`, `bool`, `int`, `float`, `timestamp`, `merge`, `value` or, for all others, `str`."""
    if not value:
        return "null"
    if value[0] not in _OPENS_NUMBER:
        return _WORDS.get(value, "str")
    if value[-1] not in _ENDS_NUMBER:
        return "str"
    if value.isdecimal() and value.isascii():
        return "int"
    found = _NUMBER.fullmatch(value)
    return "str" if found is None else found.lastgroup or "str"

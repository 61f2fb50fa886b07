"""Random documents in the styles that recorders write, and random edits of them."""

import json
import re

import yaml
from hypothesis import strategies as st

TROUBLE = [
    "", " ", "  ", "\n", "\n\n", "\t", "'", '"', "''", '"quoted" \'both\'', "a: b", "a:", ": b", "# no comment",
    "a #b", "---", "...", "- a", "? a", "[a]", "{a}", "a, b", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "~",
    "null", "true", "Yes", "1", "-1", "1.5", "1e5", "0x1F", "0o17", "1_000", "12:30", "2024-01-01", "<<", "=",
    ".inf", " leading", "trailing ", "\nleading", "trailing\n", "trailing\n\n", "two\nlines", "two\n\nparts",
    "blank\n \nline", "line \nends blank", " \n x", "tab\tin", "\ttab first", "cr\rin", "crlf\r\nin", "nul\0in",
    "esc\x1b[31m", "del\x7f", "nel\x85in", "\u2028ls", "ps\u2029in", "nbsp\xa0in", "bom\ufeffin", "\ufeff", "é",
    "日本語", "😀", "a😀b", "\\", "\\n", "C:\\new", "\\u0041", "http://example.com/a?b=c&d#e", '{"a": [1, "b\\n"]}',
    "data: {}\n\n", "a" * 200, "word " * 40, "x\n" * 30, "\ue000", "\ufffd", "\U0010fffd",
]  # fmt: skip
"""Texts that one style or another cannot hold, or that mean something else in it."""

_SCALAR = "\t\n\r !\"#%&'*+,-./:;<=>?@[\\]^_`{|}~$09azAZé\x7f\x85\xa0\u2028\u2029日\ufeff😀\x00\x1b"
_LINES = ["", "a b", " x", "- y", "# z", "k: v", "'q'", "long " * 30, "\tt", "end "]
texts = st.one_of(
    st.sampled_from(TROUBLE),
    st.text(st.sampled_from(_SCALAR), max_size=30),
    st.lists(st.sampled_from(TROUBLE), min_size=2, max_size=4).map("".join),
    st.lists(st.sampled_from(_LINES), max_size=6).map("\n".join),
)
"""Any text that YAML and JSON can hold."""

surrogates = st.text(st.sampled_from("a\ud800\udfff\ude00\ud83d"), min_size=1, max_size=3).filter(
    lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text)
)
"""Text with lone surrogates that stay lone when they are joined: JSON alone can hold it."""

_plain_keys = st.sampled_from(["a", "body", "uri", "x-y", "Content-Type", "0", "k k", "é"])
_json_leaves = st.one_of(
    texts, st.none(), st.booleans(), st.integers(-999, 10**20), st.sampled_from([0.5, -1e22, 1.25])
)
_leaves = st.one_of(_json_leaves, st.binary(max_size=60))


def _structures(leaves, keys):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    )


@st.composite
def dumped_yaml(draw):
    """What PyYAML writes, under all of its options."""
    data = draw(_structures(_leaves, st.one_of(_plain_keys, texts.filter(lambda t: len(t) < 60))))
    if not isinstance(data, list | dict):
        data = [data]
    return yaml.dump(
        data,
        default_flow_style=draw(st.sampled_from([False, None, True])),
        default_style=draw(st.sampled_from([None, None, None, "'", '"', "|", ">"])),
        width=draw(st.sampled_from([20, 80, 1 << 30])),
        indent=draw(st.sampled_from([None, 2, 4])),
        allow_unicode=draw(st.booleans()),
        line_break=draw(st.sampled_from([None, None, "\r\n"])),
        explicit_start=draw(st.booleans()),
        sort_keys=False,
    )


_BLOCK_LINES = ["x", "a b", "", "", " ", "  y", "    ", "# z", "- i", "k: v", "\ttab", "é😀", "end  "]
_SINGLE = ["", "a", "it''s", "a\n  b", "a\n\n  b  c", " lead", "trail ", "a \n \n  b"]
_DOUBLE = [
    "a", " ", "\\n", "\\t", '\\"', "\\\\", "\\x41", "\\u263A", "\\U0001F600",
    "\n  ", "\n\n  ", "\\\n  ", "\\\n  \\ ", "\\_",
    "\\L", "é",
]  # fmt: skip
_PLAIN = [
    "plain", "two words", "fold\n  ed", "fold\n\n  ed twice", "a#b", "http://x/y", "it's", '3"', "true", "12", "1.5",
]  # fmt: skip
_FLOW = ["[a, 'b', \"c\", 1, ]", "{a: b, 'c': [d, {e: f}], g: }", "[]", "{}", "[a,\n  # c\n  b\n  ]", "[k: v, w]"]
_EMPTY = ["", "~", "null", "&x", "!!null", "!!int 5", "!!str 5", "!!float '1.5'"]
_BETWEEN = ["# comment\n", "\n", "# a: b\n\n", "s{}:\n- a\n- b\n# c\n- c: 1\n  d: 2\n"]


@st.composite
def written_yaml(draw):
    """Block scalars with all indicators, folds and comments, as no dumper mixes them."""
    parts = []
    for number in range(draw(st.integers(1, 4))):
        parts.append(f"k{number}: " + draw(st.sampled_from(["", f"&a{number} ", "!!str ", "!t "])))
        parts.append(draw(_written_scalars()))
        if draw(st.booleans()):
            parts.append(draw(st.sampled_from(_BETWEEN)).format(number))
    text = "".join(parts)
    if draw(st.booleans()):
        text = draw(st.sampled_from(["---\n", "%YAML 1.1\n---\n", "# top\n--- # here\n"])) + text
    if draw(st.booleans()):
        text += "...\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text


@st.composite
def _written_scalars(draw):
    style = draw(st.sampled_from("|>'\"-fn"))
    if style in "|>":
        return draw(_written_blocks(style))
    if style == '"':
        return '"' + "".join(draw(st.lists(st.sampled_from(_DOUBLE), max_size=8))) + '"\n'
    if style == "'":
        return "'" + draw(st.sampled_from(_SINGLE)) + "'\n"
    return draw(st.sampled_from({"-": _PLAIN, "f": _FLOW, "n": _EMPTY}[style])) + "\n"


@st.composite
def _written_blocks(draw, style):
    indicator, indent = draw(st.sampled_from([("", 2), ("", 4), ("2", 2), ("1", 1), ("3", 3)]))
    text = (
        style + indicator + draw(st.sampled_from(["", "-", "+"])) + draw(st.sampled_from(["", "", "  # note"])) + "\n"
    )
    for line in draw(st.lists(st.sampled_from(_BLOCK_LINES), max_size=6)):
        indented = line.strip() or draw(st.booleans())
        text += (" " * indent + line if indented else line.strip()) + "\n"
    return text


@st.composite
def dumped_json(draw):
    """What JSON writers write: one line, indented, escaped or not."""
    value = draw(_structures(st.one_of(_json_leaves, surrogates), st.one_of(_plain_keys, texts)))
    if not isinstance(value, list | dict):
        value = [value]
    text = json.dumps(
        value,
        indent=draw(st.sampled_from([None, 2, "\t"])),
        ensure_ascii=draw(st.booleans()) or _has_surrogates(value),
        separators=draw(st.sampled_from([None, (",", ":"), (" ,", " : ")])),
    )
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n") + "\n"
    return text


def _has_surrogates(value):
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False

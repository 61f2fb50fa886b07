"""Where names that hold secrets stand in a text, however they are written: one pass of an automaton finds them."""

import re
from urllib.parse import unquote_to_bytes

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.memo import Memo
from cassette_cli.operations.redact.rules.table import Table
from cassette_cli.operations.redact.words import ESCAPES

_FOLDED = bytes(
    ord(chr(byte).lower()) if chr(byte).isascii() and chr(byte).isalnum() else ord(" ") for byte in range(256)
)
_DROPPED = b"_-"
_IN_NAMES = bytes(
    ord("n") if (chr(byte).isascii() and chr(byte).isalnum()) or byte in b"_-.%" else ord(" ") for byte in range(256)
)
_REST = re.compile(rb"[A-Za-z0-9_-]{0,80}")
_LONGEST = 80
_SHORT = 8
"""A name shorter than this stands inside of too many words to be looked for without what parts words."""
_CONTAINERS = frozenset((b"cookie", b"cookies"))  # in which every name counts
_NAMING = re.compile(
    rb"\\{0,16}[\"'>\]=]|\\{1,16}u00(?:22|27|3[dDeE])|%(?:22|27|3[dDeE]|5[bBdD])|\\{0,16}&(?:quot|#\d\d|gt|lt)"
    rb"|(?:\s|\\[nrt]){1,8}[\w:.-]{1,40}=|\s{0,8}\\{0,16}[\"'>=:]"
)
"""What follows a word that names a value: a quote, a sign, or the attributes of its element."""
_ASSIGNING = re.compile(
    rb"\]?=|%5[dD]%3[dD]|%3[dD]|\]?\\{1,16}u003[dD]|\]?&#61;"
    rb"|\\{0,16}[\"']\s{0,8},\s{0,8}\\{0,16}[\"']value"
)
"""What follows a word that is a name in queries and forms alone, or in a list of their names and values."""
_HEADING = re.compile(rb":[ \t]{0,4}[^\s\"'\\]|" + _ASSIGNING.pattern)
"""What follows a header's name that is none of a key: it stands in a line of its own."""
_LAST_WORDS = (
    b"auth", b"authorization", b"code", b"cookie", b"credential", b"credentials", b"id", b"key", b"organization",
    b"pass", b"password", b"project", b"secret", b"signature", b"string", b"token", b"workspace",
)  # fmt: skip
_ENDS_NAME = re.compile(rb"[\"'\\]{0,17}\s{0,8}(:)|[\"'\\]{0,17}[ \t]{0,8}(?:\r?\n|[,}])")
"""What may follow a name of several words: the group where it is a key, else it may be the value of `name`."""
_SPACED = re.compile(rb"(?<![\w.-])[A-Za-z][\w.-]{0,39}+(?>(?: [A-Za-z][\w.-]{0,39}+){1,3})(?=%b)" % _ENDS_NAME.pattern)
"""A name of several words; what looks like the last of them is found first."""


class NameSearch:
    """Finds the names of one table of rules."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known = Memo(self._find_out)
        endings, openings = table.affixes()
        letters = [bytes((letter,)) for letter in ESCAPES]
        looked_for: set[bytes] = {ending + b" " for ending in table.endings}
        looked_for |= {_folded(ending) + b" " for ending in endings}
        looked_for |= {b" " + _folded(opening) for opening in openings}
        for name in map(_folded, table.words() | _CONTAINERS):
            if len(name) < _SHORT:  # also behind the letter of an escape
                looked_for |= {b" " + opening + name + b" " for opening in (b"", *letters)}
            else:
                looked_for.add(name + b" ")
            for last in _LAST_WORDS:
                if name.endswith(last) and name != last:
                    looked_for.add(b"%b %b " % (name.removesuffix(last)[-3:], last))
        self._automaton = BytesAhoCorasick(sorted(looked_for), implementation=Implementation.DFA)

    def search(self, raw: bytes, found: Found) -> None:
        """Add the names of a text to what was found in it, and as triggers those that name a value there."""
        if self._table.has_globs:
            self._search_all(raw, found)
            return
        folded = _Folded(raw)
        done = -1
        for _, _, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            if end != done:
                done = end
                # The pattern ends behind the name; where one is known by its opening, in front of the rest of it.
                self.ask_at(raw, folded.origin(end - 2), found)

    def ask_at(self, raw: bytes, at: int, found: Found) -> None:
        """Add the name that has a byte, if it is one: its parts behind dots too, as in `config.password`."""
        start = max(0, at - _LONGEST)
        start += raw[start : at + 1].translate(_IN_NAMES).rfind(b" ") + 1
        rest = _REST.match(raw, at)
        assert rest is not None
        self._add(raw, start, rest.end(), found)

    def _search_all(self, raw: bytes, found: Found) -> None:
        """Ask about every word: a glob may fit any."""
        for word in re.finditer(rb"[A-Za-z0-9_.%-]{1,80}", raw):
            self._add(raw, *word.span(), found)

    def _add(self, raw: bytes, start: int, stop: int, found: Found) -> None:
        is_name, follows = self._known[raw[start:stop]]
        if not is_name and raw[start - 1 : start] == b"\\" and raw[start] in ESCAPES:
            start += 1  # the letter belongs to the escape of a line break in front of the name
            is_name, follows = self._known[raw[start:stop]]
        if is_name:
            name = raw[start:stop].decode()
            found.names.add(name)
            if follows is not None and follows.match(raw, stop):
                found.triggers.add(name)
        if raw[start - 1 : start] == b" " and (end := _ENDS_NAME.match(raw, stop)):
            self._add_spaced(raw, stop, found, is_key=end[1] is not None)

    def _add_spaced(self, raw: bytes, stop: int, found: Found, *, is_key: bool) -> None:
        """Add a name of several words, by the end of the last."""
        for match in _SPACED.finditer(raw, max(0, stop - _LONGEST), stop + _LONGEST):
            if match.end() == stop and self._table.pair(name := match.group().decode()) is not None:
                found.names.add(name)
                if is_key:
                    found.triggers.add(name)

    def _find_out(self, word: bytes) -> tuple[bool, re.Pattern[bytes] | None]:
        """Say whether a word is a name, and what follows it where it names something in a text.

        That is None for what is a name in headers alone.
        """
        if len(word) > _LONGEST:
            return False, None
        name = word.strip(b".%-").decode()
        name = unquote_to_bytes(name).decode("latin-1") if "%" in name else name
        table = self._table
        if name and table.pair(name) is not None:
            if table.key(name) is not None:
                return True, _NAMING
            return True, _HEADING if table.headers.get(name) is not None else _ASSIGNING
        return table.header(name) is not None or _folded(word) in _CONTAINERS, None


class _Folded:
    """A text as names are compared, what parts words a blank; and the way back from its offsets, in rising order."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.text = b"".join((b" ", raw.translate(_FOLDED, _DROPPED), b" "))
        self._last = (0, -1)

    def origin(self, offset: int) -> int:
        """Return where a byte of the folded text stands in the text itself; never asked for one before the last."""
        known, at = self._last
        behind, at = at + 1, at + offset - known
        while dropped := sum(self._raw.count(sign, behind, at + 1) for sign in _DROPPED):
            behind, at = at + 1, at + dropped
        self._last = offset, at
        return at


def _folded(name: bytes | str) -> bytes:
    return (name.encode() if isinstance(name, str) else name).translate(_FOLDED, _DROPPED)

"""`cassette grep`: a line a hit, `path#i  where:line  text`, with what matches marked; to a terminal under its path."""

from collections.abc import Sequence
from dataclasses import dataclass

from cassette_cli.operations.grep.searching import Found, Hit, Piece
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output, human_size, json_line

_MATCH = "bold red"
_LONGEST = 240
"""Characters of a line, beside those that match, that are shown where no terminal says how many."""
_LEAST = 16
"""Characters that are shown on each side of what matches, at least."""


@dataclass
class Report:
    """Reports cassette by cassette: hits, or `names` only, or their `count`, or `only` what matches."""

    output: Output
    as_json: bool
    names: bool
    count: bool
    only: bool
    _last: tuple[str, int] | None = None
    """The text and the line that were printed last, under one heading."""
    _headed: bool = False

    def write(self, found: Found) -> None:
        """Report what was found in one cassette."""
        if not found.lines:
            return
        if self.names or self.count:
            self._total(found)
        elif self.as_json:
            self.output.texts(json_line(hit.as_json(found.path)) + "\n" for hit in found.hits)
        else:
            if self._heads:
                heading: list[Line] = [[], [(inert_line(found.path), "magenta")]]
                self.output.lines(heading[not self._headed :], wrap=False)
                self._last, self._headed = None, True
            self.output.lines([line for hit in found.hits for line in self._lines(found.path, hit)], wrap=False)

    @property
    def _heads(self) -> bool:
        """Whether the path stands above its hits: on a terminal it would take their room."""
        return self.output.terminal

    def _total(self, found: Found) -> None:
        if self.as_json:
            self.output.text(json_line({"path": found.path} | ({"count": found.lines} if self.count else {})))
            return
        line: Line = [(inert_line(found.path), "magenta")]
        self.output.lines([[*line, (f":{found.lines}", "")] if self.count else line], wrap=False)

    def _lines(self, path: str, hit: Hit) -> list[Line]:
        place = ("" if self._heads else inert_line(path)) + ("" if hit.interaction is None else f"#{hit.interaction}")
        head: Line = [(place, "magenta"), ("  " if place else "", ""), (inert_line(hit.where), "cyan")]
        if hit.size is not None:
            return [[*head, (f"  binary, {human_size(hit.size)}, matches", "dim")]]
        if self.only:
            return [self._line(head, hit, hit.line, [piece]) for piece in hit.pieces if piece[1]]
        around = [[[(text, False)] for text in part] for part in (hit.before, hit.after)]
        first = hit.line - len(hit.before)
        apart = any(around) and self._last not in (None, (place + hit.where, first - 1))
        lines: list[Line] = [[("--", "cyan")]] if apart else []
        below = hit.line + hit.rows
        for start, rows, sign in ((first, around[0], "-"), (hit.line, _rows(hit.pieces), ":"), (below, around[1], "-")):
            lines += [self._line(head, hit, number, row, sign) for number, row in enumerate(rows, start)]
        self._last = place + hit.where, below + len(hit.after) - 1
        return lines

    def _line(self, head: Line, hit: Hit, number: int, row: list[Piece], sign: str = ":") -> Line:
        told = f"{sign}{number}" if hit.of > 1 else ""
        line: Line = [*head, (told, "green"), ("  ", "")]
        room = self.output.width - sum(len(text) for text, _ in line) if self.output.terminal else _LONGEST
        shown = [(inert_line(text), marked) for text, marked in row]
        return [*line, *((text, _MATCH if marked else "") for text, marked in squeezed(shown, room))]


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Cut pieces at line feeds."""
    rows: list[list[Piece]] = [[]]
    for text, marked in pieces:
        for number, part in enumerate(text.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append((part, marked))
    return rows


def squeezed(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """Return the pieces of a line with what lies around matches cut, so that they take about `room` characters."""
    rest = [len(text) for text, marked in pieces if not marked]
    marked_size = sum(len(text) for text, marked in pieces if marked)
    if sum(rest) + marked_size <= room:
        return list(pieces)
    ends = sum(1 if at in (0, len(pieces) - 1) else 2 for at, (_, marked) in enumerate(pieces) if not marked)
    keep = max(_LEAST, (room - marked_size) // max(ends, 1) - 1)
    made: list[Piece] = []
    for at, (text, marked) in enumerate(pieces):
        head = text[:keep].rstrip() if at else ""
        tail = text[-keep:].lstrip() if at < len(pieces) - 1 else ""
        if marked or len(text) <= len(head) + len(tail) + 1 or (not head and not tail):
            made.append((text if marked or len(pieces) > 1 else text[:room], marked))
        else:
            made.append((f"{head}…{tail}", False))
    return made

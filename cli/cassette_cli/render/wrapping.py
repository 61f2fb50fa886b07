"""Styled lines broken at a terminal's width, with what follows indented under the first row."""

from cassette_cli.render.output import Line
from cassette_cli.source.later import pattern

_PIECES = pattern(r"\s+|\S+")


def hang(line: Line, width: int, indent: int) -> list[Line]:
    """Break a line at words so that every row fits `width` cells; later rows begin with `indent` spaces."""
    from rich.cells import cell_len, set_cell_size

    if sum(cell_len(text) for text, _ in line) <= width:
        return [line]
    indent = min(indent, width // 3)
    rows: list[Line] = []
    row: Line = []
    used, start = 0, True
    for text, style in line:
        for piece in _PIECES.findall(text):
            word, size = piece, cell_len(piece)
            if used + size > width and not start:
                rows.append(row)
                row, used, start = [(" " * indent, "")], indent, True
                if word.isspace():
                    continue
            while used + size > width:
                # A word longer than a row, such as a URL or base64, is cut.
                part = set_cell_size(word, width - used).rstrip() or word[:1]
                rows.append([*row, (part, style)])
                word, row, used = word[len(part) :], [(" " * indent, "")], indent
                size = cell_len(word)
            if row and row[-1][1] == style:
                row[-1] = (row[-1][0] + word, style)
            else:
                row.append((word, style))
            used += size
            start = start and word.isspace() and used <= indent
    return [*rows, row] if row else rows

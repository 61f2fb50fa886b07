"""Bodies as `show` prints them: forms and multipart bodies by field, GraphQL on lines of its own, XML indented.

What is laid out loses nothing: whatever cannot be taken apart for certain is printed as it is.
"""

import re
import textwrap
from typing import Any

from cassette_cli.model.body import Body
from cassette_cli.model.depth import MAX_DEPTH
from cassette_cli.model.http import Request
from cassette_cli.model.media import FormPart, form_fields
from cassette_cli.render import bodies
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.output import Line, Output
from cassette_cli.render.wrapping import hang
from cassette_cli.source.later import pattern

_XML = pattern(r"[/+]xml\b")
_FORM = "application/x-www-form-urlencoded"
_INDENT = "  "


def body(output: Output, one: Body) -> None:
    """Write a body, and notes on what could not be decoded."""
    output.lines([[(f"note: {inert_line(note)}", "yellow")] for note in content(output, one)])


def content(output: Output, one: Body) -> list[str]:
    """Write what a body holds, and return the notes on it.

    Forms, GraphQL and XML are laid out, JSON is pretty, other text as it is, binary described.
    """
    payload, notes = one.payload, one.notes
    if _laid_out(output, one):
        return notes
    if isinstance(payload, bytes):
        output.lines([[(bodies.described(one.data, one.content_type), "magenta")]])
    elif payload:
        value = one.json
        bodies.json_text(output, value) if value is not None else output.lines(bodies.plain_lines(payload))
    return notes


def request_body(output: Output, request: Request) -> None:
    """Write the body of a request; of one that has none, what its URL asks for in GraphQL."""
    asked = asked_in(request.url)
    if asked is not None:
        _operations(output, asked)
    body(output, request.body)


def _laid_out(output: Output, body: Body) -> bool:
    """Write a body that has a layout of its own; say whether it has one."""
    kind, text = body.content_type, body.text
    if kind.startswith("multipart/"):
        parts = body.parts
        for part in parts:
            _part(output, part)
        return bool(parts)
    if text is None or not text.strip():
        return False
    if kind.startswith(_FORM) and (fields := _fields(text)):
        for name, value in fields:
            _field(output, name, value)
        return True
    if _is_graphql(body.json):
        _operations(output, body.json)
        return True
    shown = None
    if kind.startswith("application/graphql") and body.json is None:
        shown = graphql(text)
    elif _XML.search(kind) and "html" not in kind:
        shown = xml(text)
    if shown is not None:
        output.lines(bodies.plain_lines(shown))
    return shown is not None


def asked_in(url: str) -> dict[str, Any] | None:
    """Return the operation of GraphQL that the query of a URL asks for, None where it asks for none."""
    if "query=" not in url:
        return None
    given = dict(form_fields(url.partition("?")[2].partition("#")[0]))
    members = {name: bodies.parsed(value) or value for name, value in given.items() if name in _MEMBERS}
    return members if _is_graphql(members) else None


def _fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of a form, none for a text that is none, or that has bytes which are no text."""
    text = text.strip()
    if "=" not in text or text[0] in "{[<" or re.search(r"\s", text):
        return []
    fields = form_fields(text)
    return [] if any("\ufffd" in value for field in fields for value in field) else fields


def _field(output: Output, name: str, value: str) -> None:
    """Write a field: its value beside the name, or under it where it has several lines."""
    data = bodies.parsed(value)
    if data is None and "\n" not in value.rstrip("\n"):
        _lines(output, [[(inert_line(name), "blue"), (f": {inert_line(value)}", "")]])
        return
    output.lines([[(inert_line(name), "blue"), (":", "")]])
    _under(output, value, data)


def _lines(output: Output, lines: list[Line]) -> None:
    """Write lines; on a terminal, what is too long for a row goes on indented."""
    output.lines([row for line in lines for row in (hang(line, output.width, 2) if output.terminal else [line])])


def _under(output: Output, text: str, data: Any) -> None:
    if data is not None:
        bodies.json_text(output, data, indent=_INDENT)
    else:
        _lines(output, [[(f"{_INDENT}{line}", "")] for line in inert(text).split("\n")])


def _part(output: Output, part: FormPart) -> None:
    """Write a part of a multipart body: name, what is known of it, then its text, or what its bytes are."""
    facts = [inert_line(fact) for fact in (part.filename, part.content_type) if fact]
    text = _text(part.data)
    if text is None:
        facts.append(bodies.described(part.data, part.content_type or ""))
    name = inert_line(part.name if part.name is not None else "part")
    plain = text is not None and not facts and not part.lines and "\n" not in text
    if plain and bodies.parsed(text or "") is None:
        _lines(output, [[(name, "blue"), (f": {inert_line(text or '')}", "")]])
        return
    _lines(output, [[(name, "blue"), (f"  {' · '.join(facts)}" if facts else ":", "dim" if facts else "")]])
    _lines(output, [[(f"{_INDENT}{inert_line(key)}: {inert_line(value)}", "dim")] for key, value in part.lines])
    if text:
        _under(output, text, bodies.parsed(text))


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if re.search(r"[\0-\x08\x0e-\x1a]", text) else text.replace("\r\n", "\n")


_OPENING = pattern(r"(?>(?:\s|,|#[^\n]*\n)*)(?:(?:query|mutation|subscription|fragment)\b|\{)")
_MEMBERS = frozenset("query variables operationName extensions id doc_id documentId".split())


def _is_graphql(value: Any) -> bool:
    """Say whether JSON is a request of GraphQL, as GraphQL over HTTP has it, or a batch of them."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) and _is_graphql(one) for one in value)
    if not isinstance(value, dict) or not isinstance(value.get("query"), str) or not _MEMBERS.issuperset(value):
        return False
    document = value["query"].strip()
    return _OPENING.match(document) is not None and document.endswith("}")


def _operations(output: Output, value: Any) -> None:
    """Write an operation of GraphQL, or a batch of them: the document, then variables and other members."""
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if number:
            output.lines([[]])
        document = one["query"]
        output.lines(bodies.plain_lines(graphql(document) or document))
        for name, member in one.items():
            if isinstance(member, dict | list) and member:
                output.lines([[(inert_line(name), "blue"), (":", "")]])
                bodies.json_text(output, member, indent=_INDENT)
            elif name != "query":
                output.lines([[(inert_line(name), "blue"), (f": {bodies.pretty(member)}", "")]])


_TOKEN = pattern(
    r'\s*+("""(?>(?:[^"\\]|\\.|"(?!""))*)"""|"(?>(?:[^"\\\n]|\\.)*)"|\.\.\.|[A-Za-z_$][\w]*|-?\d[\w.+-]*|[!$&():=@\[\]{}|,])',
    re.ASCII,
)


def graphql(document: str) -> str | None:
    """Return a document of GraphQL with a selection a line; one that has lines stays as it is.

    Returns None for a text whose tokens or brackets are none of GraphQL's.
    """
    if "\n" in document.strip():
        return textwrap.dedent(document).strip("\n")
    lines: list[str] = [""]
    depth = inside = at = 0
    last = ""
    document = document.strip()
    while at < len(document):
        match = _TOKEN.match(document, at)
        if match is None or not 0 <= depth <= MAX_DEPTH:
            return None
        spaced = match.start(1) > at
        at, mark = match.end(), match[1]
        inside += (mark in ("(", "[")) - (mark in (")", "]"))
        if inside or mark in (")", "]"):
            lines[-1] += (" " if spaced and lines[-1].strip() else "") + mark
        elif mark == "{":
            lines[-1] = f"{lines[-1]} {{" if lines[-1].strip() else f"{_INDENT * depth}{{"
            depth += 1
            lines.append("")
        elif mark == "}":
            depth -= 1
            if lines[-1].strip():
                lines.append("")
            lines[-1] = f"{_INDENT * depth}}}"
            lines.append("")
        elif mark != ",":
            _selection(lines, mark, last, depth, spaced=spaced)
        last = mark
    if depth or inside:
        return None
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _selection(lines: list[str], mark: str, last: str, depth: int, *, spaced: bool) -> None:
    """Put a mark of a selection on the line that it belongs to."""
    goes_on = mark in (":", "@", "=", "!", "|", "&") or last in (":", "@", "...", "on", "=", "|", "&") or not depth
    if lines[-1].strip() and not goes_on:
        lines.append("")
    if not lines[-1].strip():
        lines[-1] = _INDENT * depth + mark
    else:
        lines[-1] += (" " if spaced or mark == "@" else "") + mark


_MARKUP = pattern(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE(?>(?:\"[^\"]*+\"|'[^']*+'|[^\[\]<>\"'])*)>|</?[A-Za-z_:\x80-\U0010ffff](?>(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*)>|[^<]++",
    re.DOTALL,
)
_NAME = pattern(r"</?([^\s/>]+)")


def xml(text: str) -> str | None:
    """Return XML with an element a line, indented; what stands beside text stays on its line.

    Nothing is expanded: references stay as they are written. Returns None where tags do not match, and for a document
    with declarations of its own.
    """
    pieces, at = [], 0
    while at < len(text):
        match = _MARKUP.match(text, at)
        if match is None:
            return None
        pieces.append(match[0])
        at = match.end()
    ends = _matched(pieces)
    if ends is None or _deepest(pieces, ends) > MAX_DEPTH:
        return None
    lines: list[str] = []
    depth = number = 0
    while number < len(pieces):
        piece = pieces[number]
        end = ends.get(number, number)
        if piece.strip():
            if end > number and _holds_text(pieces, number, end, ends):
                lines.append(_INDENT * depth + "".join(pieces[number : end + 1]))
                number = end
            else:
                is_end = piece.startswith("</")
                depth -= is_end
                lines.append(_INDENT * depth + piece.strip())
                depth += end > number
        number += 1
    return "\n".join(lines)


def _matched(pieces: list[str]) -> dict[int, int] | None:
    """Return where the element of each opening tag ends, None where tags do not match."""
    ends: dict[int, int] = {}
    opened: list[tuple[int, str]] = []
    for number, piece in enumerate(pieces):
        name = _NAME.match(piece)
        if name is None or piece.startswith(("<?", "<!")):
            if not opened and not piece.startswith("<") and piece.strip("\ufeff \t\r\n"):
                return None
        elif piece.startswith("</"):
            if not opened or opened[-1][1] != name[1]:
                return None
            ends[opened.pop()[0]] = number
        elif not piece.endswith("/>"):
            opened.append((number, name[1]))
    return None if opened or not ends else ends


def _deepest(pieces: list[str], ends: dict[int, int]) -> int:
    depth = deepest = 0
    for number, piece in enumerate(pieces):
        depth += (number in ends) - piece.startswith("</")
        deepest = max(deepest, depth)
    return deepest


def _holds_text(pieces: list[str], start: int, end: int, ends: dict[int, int]) -> bool:
    """Say whether an element holds text of its own, or nothing at all."""
    at = start + 1
    while at < end:
        piece = pieces[at]
        if piece.startswith("<![CDATA[") or (not piece.startswith("<") and piece.strip()):
            return True
        at = ends.get(at, at) + 1
    return at == start + 1

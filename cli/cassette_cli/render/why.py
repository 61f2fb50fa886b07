"""`cassette why`: the explanation as text, or as JSON.

`--json` prints a line a request: `{"request": {"source", "method", "url", "unknown"}, "verdict", "searched", "matches",
"nearest"}`. `verdict` is `match`, `played`, `undecided`, `none` or `empty`; `unknown` are the parts of the request that
were not told; `matches` is a list of `{"path", "interaction", "line", "played"}`. `nearest` is a list of `{"path",
"interaction", "line", "method", "url", "status", "recorder", "played", "rule", "unmet", "undecided", "summary",
"differences"}`, nearest first: `rule` is `{"origin", "match_on", "own", "about"}`, a difference is `{"part", "name",
"sent", "recorded", "counts", "note"}` without `sent` or `recorded` where that side has nothing. Secrets are masked.
"""

from collections.abc import Iterator
from typing import Any

from cassette_cli.operations.diff.values import ABSENT, Blob
from cassette_cli.operations.sizes import counted
from cassette_cli.operations.why.differences import Difference
from cassette_cli.operations.why.explaining import Candidate, Explanation
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line

_SHORT = 48
_WINDOW = 100
_LEAD = 24
_NAMES = 6


class Shown:
    """An explanation as others may see it: its secrets are masked after what differs was found in clear."""

    def __init__(self, found: Explanation) -> None:
        from cassette_cli.operations.redact.masking import Masker

        self.found = found
        self._masker = Masker()

    def url(self, url: str) -> str:
        """Return a URL without secrets."""
        return self._masker.text(url.removeprefix("//"), kind="url")

    def sides(self, one: Difference) -> tuple[Any, Any]:
        """Return what was sent and what is recorded; two secrets that would look alike say that they differ."""
        sent, recorded = (self._side(one, value) for value in (one.sent, one.recorded))
        if sent == recorded and one.sent != one.recorded and isinstance(sent, str):
            return sent, f"{recorded} (a different value)"
        return sent, recorded

    def _side(self, one: Difference, value: Any) -> Any:
        if value is ABSENT:
            return value
        if isinstance(value, Blob):
            return str(value)
        if not isinstance(value, str | dict | list):
            return value
        if one.part == "header":
            return self._masker.header(one.name, value) if isinstance(value, str) else value
        if one.part == "query" and one.name:
            return self._masker.text(str(value), one.name, "param")
        if one.part in ("path", "query"):
            return self._masker.text(str(value), kind="url")
        key = one.name.rpartition(".")[2].partition("[")[0].partition(" ")[0] if one.part == "body" else ""
        return self._masker.json(value, key.lstrip("$"))


def json_of(found: Explanation, most: int) -> dict[str, Any]:
    """Return the explanation as `--json` prints it."""
    shown = Shown(found)
    request = found.asked.request
    method = request.method if "method" in found.asked.known else None
    return {
        "request": {
            "source": found.asked.source,
            "method": method,
            "url": shown.url(request.url),
            "unknown": list(found.asked.unknown),
        },
        "verdict": found.verdict,
        "searched": found.searched,
        "matches": [
            {"path": one.path, "interaction": one.index, "line": one.line, "played": one.played}
            for one in found.matches
        ],
        "nearest": [_candidate_json(shown, one) for one in found.candidates[:most]],
    }


def _candidate_json(shown: Shown, one: Candidate) -> dict[str, Any]:
    by = one.rule
    return {
        "path": one.path,
        "interaction": one.index,
        "line": one.line,
        "method": one.method,
        "url": shown.url(one.url),
        "status": one.status,
        "recorder": one.recorder,
        "played": one.played,
        "rule": {
            "origin": by.origin,
            "match_on": list(by.matching.names),
            "own": list(by.own),
            "about": by.matching.about,
        },
        "unmet": list(one.unmet),
        "undecided": list(one.undecided),
        "summary": one.summary,
        "differences": [_difference_json(shown, each) for each in one.differences],
    }


def _difference_json(shown: Shown, one: Difference) -> dict[str, Any]:
    sides = dict(zip(("sent", "recorded"), shown.sides(one), strict=True))
    told = {name: value for name, value in sides.items() if value is not ABSENT}
    return {"part": one.part, "name": one.name, **told, "counts": one.counts, "note": one.note}


def text(found: Explanation, most: int = 1) -> str:
    """Return the explanation as plain text, a few lines."""
    return "\n".join("".join(piece for piece, _ in line) for line in lines(found, most))


def lines(found: Explanation, most: int = 1) -> Iterator[Line]:
    """Yield the explanation as lines of styled pieces."""
    shown = Shown(found)
    request = found.asked.request
    method = request.method if "method" in found.asked.known else "(method not told)"
    what = f"{method} {inert_line(shown.url(request.url))}"
    matches = [one for one in found.candidates if one.matches]
    match found.verdict:
        case "empty":
            yield [("no recording to compare with", "bold")]
            return
        case "match":
            yield [(f"{_places(matches)}", "bold"), (" matches ", "green"), (what, "")]
            files = {one.path for one in matches}
            if len(matches) > 1 and len(files) == 1:
                last = f"  each is played once, in this order: request {len(matches) + 1} of this kind finds none"
                yield [(last, "dim")]
            yield from _told(matches[0])
            return
        case "played":
            yield [
                (_places(matches), "bold"),
                (" matches ", "yellow"),
                (what, ""),
                (", and was played already", "yellow"),
            ]
            yield [("  the request was sent more often than it is recorded: record it again, or allow repeats", "")]
            yield from _told(matches[0])
            return
        case "undecided":
            yield [(_places(matches), "bold"), (" may match ", "yellow"), (what, "")]
        case _:
            yield [("no recording matches ", "red"), (what, "")]
    for one in found.candidates[:most]:
        yield from _candidate(shown, one)
    more = len(found.candidates) - most
    if more > 0 and found.verdict == "none":
        yield [(f"{counted(more, 'other recording')}, further off (see -n)", "dim")]


def _places(found: list[Candidate]) -> str:
    """Return where recordings stand: `a.yaml#0, #3`."""
    told, last = [], ""
    for one in sorted(found, key=lambda one: (one.path, one.index))[:_NAMES]:
        told.append(f"#{one.index}" if one.path == last else f"{inert_line(one.path)}#{one.index}")
        last = one.path
    more = f" and {len(found) - _NAMES} more" if len(found) > _NAMES else ""
    return ", ".join(told) + more


def _candidate(shown: Shown, one: Candidate) -> Iterator[Line]:
    status = "" if one.status is None else f" → {one.status}"
    place = f"nearest: {inert_line(one.path)}#{one.index}"
    yield [(place, "bold"), (f" (line {one.line})  {one.method} {inert_line(shown.url(one.url))}{status}", "")]
    if one.unmet:
        yield [("  " + one.summary, "yellow")]
    width = max((len(_label(each)) for each in one.counted), default=0)
    for each in one.counted:
        yield from _difference(shown, each, min(width, _SHORT))
    yield from _told(one)
    others = [each for each in one.differences if not each.counts]
    if others:
        names = [inert_line(_label(each)) for each in others[:_NAMES]]
        more = f" and {len(others) - _NAMES} more" if len(others) > _NAMES else ""
        yield [(f"  differs too, and is not compared: {', '.join(names)}{more}", "dim")]


def _told(one: Candidate) -> Iterator[Line]:
    """Yield by what rule it was compared, and what could not be."""
    by = one.rule
    about = f"; {by.matching.about}" if by.matching.about else ""
    yield [(f"  compared by {', '.join(by.matching.names) or 'nothing'} ({by.origin}{about})", "dim")]
    if one.undecided:
        parts = ", ".join(one.undecided)
        yield [(f"  not compared: {parts}: too little of the request is known; give all of it", "yellow")]
    if by.own:
        yield [(f"  not compared: {', '.join(by.own)}, which is the project's own code", "yellow")]


def _label(one: Difference) -> str:
    return f"{one.part} {one.name}".strip()


def _difference(shown: Shown, one: Difference, width: int) -> Iterator[Line]:
    sent, recorded = shown.sides(one)
    note = f"  ({one.note})" if one.note else ""
    label = inert_line(_label(one))
    if sent is ABSENT and recorded is ABSENT:
        yield [(f"  {label}", "cyan"), (note, "dim")]
        return
    a, b = _value(sent), _value(recorded)
    if len(a) <= _SHORT and len(b) <= _SHORT:
        told = f"not sent, recorded {b}" if sent is ABSENT else f"sent {a}, recorded {b}"
        if recorded is ABSENT:
            told = f"sent {a}, not recorded"
        yield [(f"  {label:<{width}}", "cyan"), (f"  {told}", ""), (note, "dim")]
        return
    a, b = _windows(a, b)
    yield [(f"  {label}", "cyan"), (note, "dim")]
    yield [("    sent      ", "dim"), (a or "nothing", "")]
    yield [("    recorded  ", "dim"), (b or "nothing", "")]


def _value(value: Any) -> str:
    """Return a value on one line: text as it is, in quotes where that is needed to see it; the rest as JSON."""
    import json

    if value is ABSENT:
        return ""
    if isinstance(value, str):
        plain = value.isprintable() and value == value.strip() and value and value not in ("nothing", "null")
        return value if plain else inert_line(json.dumps(value, ensure_ascii=False))
    try:
        return inert_line(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return inert_line(str(value))


def _windows(a: str, b: str) -> tuple[str, str]:
    """Cut two long texts to the neighbourhood of where they first differ."""
    most = min(len(a), len(b))
    first = next((at for at in range(most) if a[at] != b[at]), most)
    start = max(0, first - _LEAD)

    def cut(text: str) -> str:
        shown = text[start : start + _WINDOW]
        return f"{'…' if start and text else ''}{shown}{'…' if len(text) > start + _WINDOW else ''}"

    return cut(a), cut(b)

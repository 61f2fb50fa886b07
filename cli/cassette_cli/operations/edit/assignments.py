"""What `cassette set` is told: `KEY=VALUE` sets, `KEY-` removes."""

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from cassette_cli.errors import EditError, UsageError
from cassette_cli.operations.edit.answers import Answer, Path
from cassette_cli.operations.edit.draft import Draft, Side
from cassette_cli.operations.edit.payloads import parse_json, parse_path, remove_at, set_at
from cassette_cli.operations.edit.words import tool_argument
from cassette_cli.operations.selecting import parse_target

_KEY = re.compile(
    r"(?P<plain>status|reason|url|method|body)(?:=|-\Z)"
    r"|header:(?P<header>[^=]+?)(?:=|-\Z)"
    r"|body:(?P<path>(?:[^=\[]|\[(?:'[^']*'|\"[^\"]*\"|[^\]'\"]*)\])+?)(?:=|-\Z)"
    r"|usage:(?P<usage>[^=]+?)(?:=|-\Z)"
    r"|(?:choice\[(?P<choice>\d+)\]\.)?"
    r"(?:(?P<said>text|reasoning|refusal|finish|model)|tool\[(?P<tool>\d+)\]\.(?P<part>arguments|name|id))(?:=|-\Z)",
    re.DOTALL,
)
_BEGINS = re.compile(
    r"(?:status|reason|url|method|body|text|reasoning|refusal|finish|model)(?:=|-\Z)"
    r"|(?:header|body|usage):|(?:tool|choice)\["
)
_ASSIGNED = re.compile(r"[A-Za-z_][\w-]*(?::[^=/]*|\[[^=/]*)?=")
_HEADER = re.compile(r":?[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, 5.6.2), or a pseudo-header of HTTP/2, as HAR files list them."""
KEYS = "status, reason, url, method, header:NAME, body, body:PATH, text, reasoning, refusal, tool[N].arguments, \
tool[N].name, tool[N].id, finish, model, usage:NAME"
_FIELDS = {"finish": "finish_reason"}


class Assignment(NamedTuple):
    """One `KEY=VALUE`, or `KEY-`, where the value is None.

    `name` is a header's, `path` that in the body's JSON or in the answer.
    """

    text: str
    kind: str
    value: str | None
    name: str = ""
    path: Path = ()


def is_assignment(text: str) -> bool:
    """Say whether an argument is an assignment and no file: it begins with a key, and has a `=` or ends in `-`."""
    return _BEGINS.match(text) is not None and ("=" in text or text.endswith("-"))


def refuse_unknown(files: Sequence[str]) -> None:
    """Raise `UsageError` for a name that is no file and looks like an assignment: a mistyped key, a key without value.

    A file may have a `=` in its name, as a test's parameters do.
    """
    for name in files:
        bare = _BEGINS.match(f"{name}=") is not None
        if os.path.lexists(parse_target(name)[0]) or not (bare or _ASSIGNED.match(name)):
            continue
        what = f"{name}: a value is missing" if bare else f"unknown key {name.partition('=')[0]!r}"
        raise UsageError(what, hint=f"write KEY=VALUE or KEY-; keys are {KEYS}")


def parse(text: str) -> Assignment:
    """Read an assignment; raises `UsageError` for what is none."""
    match = _KEY.match(text)
    if match is None:
        raise UsageError(f"invalid assignment {text!r}: expected KEY=VALUE or KEY-", hint=f"keys are {KEYS}")
    value = text[match.end() :] if text[match.end() - 1] == "=" else None
    if match["header"]:
        if value is not None and not _HEADER.fullmatch(match["header"].strip()):
            raise UsageError(f"invalid header name {match['header']!r}", hint="write header:NAME=VALUE")
        return Assignment(text, "header", value, match["header"].strip())
    if match["path"]:
        return Assignment(text, "json", value, match["path"], tuple(parse_path(match["path"])))
    if value is None and match["plain"] != "body":
        raise UsageError(f"{text}: only headers and what body: names can be removed", hint=f"set it: {text[:-1]}=")
    if match["usage"]:
        return Assignment(text, "answer", value, path=("usage", *match["usage"].split(".")))
    choice = int(match["choice"] or 0)
    if match["tool"]:
        path: Path = ("choices", choice, "tool_calls", int(match["tool"]), match["part"])
        return Assignment(text, "answer", value, path=path)
    if match["said"] == "model":
        return Assignment(text, "answer", value, path=("model",))
    if match["said"]:
        return Assignment(text, "answer", value, path=("choices", choice, _FIELDS.get(match["said"], match["said"])))
    if match["plain"] == "status" and not re.fullmatch(r"[1-9]\d\d", value or "", re.ASCII):
        raise UsageError(f"invalid status {value!r}: expected a number such as 429")
    return Assignment(text, match["plain"], value or "")


def apply(draft: Draft, assignments: Sequence[Assignment], side: Side, *, named: bool = True) -> None:
    """Make the assignments in one interaction, those of the answer first.

    Raises `EditError` for what the recording does not have, or cannot hold; in one that was not `named` by its
    number, what is to be removed need not be there.
    """
    answers = [one for one in assignments if one.kind == "answer"]
    if answers:
        _answer(draft, answers)
    reason = next((one.value for one in assignments if one.kind == "reason"), None)
    for one in assignments:
        if one.kind == "status":
            draft.set_status(int(one.value or 0), reason)
        elif one.kind == "reason":
            if not any(other.kind == "status" for other in assignments):
                draft.set_reason(one.value or "")
        elif one.kind == "url":
            draft.set_url(one.value or "")
        elif one.kind == "method":
            draft.set_method(one.value or "")
        elif one.kind == "header" and one.value is None:
            if named or draft.message(side).headers.line(one.name) is not None:
                draft.remove_header(side, one.name)
        elif one.kind == "header":
            draft.set_header(side, one.name, one.value or "")
        elif one.kind == "body":
            draft.payload(side).replace(one.value or "")
        elif one.kind == "json":
            _json(draft, one, side, named=named)


def _json(draft: Draft, one: Assignment, side: Side, *, named: bool) -> None:
    payload = draft.payload(side)
    if one.value is None:
        payload.change_json(lambda document: remove_at(document.root, one.path, needed=named))
    else:
        value = parse_json(one.value)
        payload.change_json(lambda document: set_at(document.root, one.path, value))


def _answer(draft: Draft, assignments: Sequence[Assignment]) -> None:
    draft.message("response")
    answer = Answer(draft.reading)
    wanted: dict[Path, object] = {}
    for one in assignments:
        value: object = one.value
        if one.path[-1] == "arguments":
            value = tool_argument(answer.at(one.path), one.value or "")
        elif one.path[0] == "usage":
            value = parse_json(one.value or "")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number and not isinstance(answer.at(one.path), str):
                raise EditError(f"{one.text}: expected a number")
        wanted[one.path] = value
    changed = answer.change(wanted)
    payload = draft.payload("response")
    if isinstance(changed, bytes):
        payload.replace(changed)
    else:
        payload.change(changed)

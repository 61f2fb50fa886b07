"""One interaction under change: what is to become of its parts, and the edits of the file that do it.

A body takes all of its changes at once, for its lengths are set once; what the user says of a header
that states a length comes before what the body's new size would make of it.
"""

import bisect
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from http.client import responses
from typing import Any, Literal

from cassette_cli.errors import EditError
from cassette_cli.formats.base import whole_number
from cassette_cli.model.headers import Header, Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.operations.edit.payloads import Payload
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.base import host_of
from cassette_cli.source.edits import Edit, Insert, Put, Remove, Replace
from cassette_cli.source.nodes import Node

Side = Literal["request", "response"]

_CODES = ("code", "statuscode", "status", "reply")
_REASONS = ("message", "reason", "statustext")
_LISTED = ("go-vcr", "vcrpy", "ruby-vcr", "betamax", "cassetter", "single")
"""Formats in which a header has a list of values, where no other header shows it."""


class NothingThereError(EditError):
    """An interaction that lacks what is to be changed: one that was not named by its number is passed over."""


class Draft:
    """The changes of one interaction; raises `EditError` for parts that the recording does not have."""

    def __init__(self, cassette: Cassette, reading: Reading) -> None:
        self.cassette = cassette
        self.reading = reading
        self.interaction: Interaction = reading.interaction
        self.expected: list[tuple[str, Callable[[Interaction], bool]]] = []
        self._edits: list[Edit] = []
        self._payloads: dict[Side, Payload] = {}

    def message(self, side: Side) -> Request | Response:
        """Return one side; raises `EditError` where no response was recorded."""
        found = self.interaction.request if side == "request" else self.interaction.response
        if found is None:
            raise NothingThereError("no response was recorded", hint="edit the request, with --request")
        return found

    def payload(self, side: Side) -> Payload:
        """Return the body of a side, to be changed."""
        if side not in self._payloads:
            self._payloads[side] = Payload(self.message(side).body)
        return self._payloads[side]

    def node(self, side: Side) -> Node:
        """Return the node of a side; where both are in one, that."""
        item = self.interaction.node
        if self.cassette.companions:  # requests and responses are lists side by side
            return item if side == "request" else self.cassette.companions[0].items[self.interaction.index]
        return next((value for key, value in item.pairs if key.value.lower() == side), item)

    def expects(self, what: str, holds: Callable[[Interaction], bool]) -> None:
        """Add what must hold of the interaction once it is read again."""
        self.expected.append((what, holds))

    def set_url(self, url: str) -> None:
        """Set the URL, and the host that go-vcr states beside it."""
        request = self.interaction.request
        node, query = request.url_node, request.query_node
        if node is None:
            raise EditError("the recording has its address in parts", hint="change them by hand")
        address, mark, asked = url.partition("?") if query is not None else (url, "", "")
        before = request.url.partition("?")[0] if query is not None else request.url
        origin = before[: len(before) - len(node.value)] if before.endswith(node.value) else ""
        if not address.startswith(origin):
            raise EditError(
                f"the recording keeps {origin} apart from the path", hint=f"give a URL that begins with {origin}"
            )
        self._edits.append(_text(node, address[len(origin) :]))
        if query is not None:
            self._edits.append(_text(query, asked if mark else ""))
        host = self.node("request").get("host")
        if host is not None and host.value and host.value == host_of(request.url) and host_of(url):
            self._edits.append(_text(host, host_of(url)))
        self.expects("URL", lambda fresh: fresh.request.url == url)

    def set_method(self, method: str) -> None:
        """Set the method, in the letters that the file writes methods in."""
        node = self.interaction.request.method_node
        if node is None:
            raise EditError("the recording states no method")
        old = node.value
        written = method.lower() if old.islower() else method.upper()
        self._edits.append(_text(node, ":" + written if old.startswith(":") else written))
        self.expects("method", lambda fresh: fresh.request.method == method.upper())

    @cached_property
    def _status(self) -> tuple[list[Node], list[Node]]:
        """The scalars that state the status and those that state the reason; a `200 OK` is both."""
        self.message("response")
        codes: list[Node] = []
        reasons: list[Node] = []
        stack = [self.node("response")]
        while stack:
            node = stack.pop()
            for key, value in node.pairs:
                name = key.value.lower().replace("_", "")
                if value.kind == "mapping" and name == "status":
                    stack.append(value)
                elif value.kind == "scalar" and name in _CODES:
                    first = value.value.split(" ")[0]
                    if whole_number(first) is not None or first.upper().startswith("HTTP/"):
                        codes.append(value)
                        reasons += [value] if " " in value.value else []
                elif value.kind == "scalar" and name in _REASONS:
                    beside = {one.value.lower().replace("_", "") for one, _ in node.pairs}
                    reasons += [value] if name == "statustext" or beside & {"code", "statuscode"} else []
        return codes, reasons

    def set_status(self, status: int, reason: str | None = None) -> None:
        """Set the status, and the reason where the file has one: the one that is given, or the usual one."""
        codes, reasons = self._status
        if not codes:
            raise EditError("the recording states no status")
        said = responses.get(status, "") if reason is None else reason
        for node in codes:
            if " " in node.value:
                self._edits.append(_text(node, _phrase(node.value, str(status), said)))
            else:
                self._edits.append(Replace.all(node, str(status)))
        for node in reasons:
            if node not in codes and ((node.value and not node.is_null) or reason is not None):
                self._edits.append(_text(node, said))
        self.expects("status", lambda fresh: fresh.response is not None and fresh.response.status == status)

    def set_reason(self, reason: str) -> None:
        """Set the reason phrase."""
        codes, reasons = self._status
        if not reasons:
            raise EditError("the recording states no reason")
        for node in reasons:
            self._edits.append(_text(node, _phrase(node.value, None, reason) if node in codes else reason))

    def set_header(self, side: Side, name: str, value: str) -> None:
        """Give a header one value: in its first line, in whose place all others go, or in a new line."""
        self.expects(f"header {name}", lambda fresh: _values(fresh, side, name) == [value])
        lines = [line for line in self.message(side).headers if line.name.lower() == name.lower()]
        if not lines:
            self._edits += self._new_header(side, name, [value])
            return
        edit = lines[0].replace(value)
        if edit is None:
            raise EditError(f"the header {name} has no value to set")
        self._edits.append(Put(edit.node, value) if edit.node.is_null else edit)
        self._edits += _without(lines[1:], lines[:1])

    def remove_header(self, side: Side, name: str) -> None:
        """Take out all lines of a header; raises `EditError` where there is none."""
        self.expects(f"header {name}", lambda fresh: not _values(fresh, side, name))
        lines = [line for line in self.message(side).headers if line.name.lower() == name.lower()]
        if not lines:
            raise NothingThereError(
                f"there is no header {name} in the {side}", hint="cassette show --headers shows them"
            )
        self._edits += _without(lines, [])

    def set_headers(self, side: Side, wanted: list[tuple[str, str]]) -> None:
        """Make the headers these lines: values are set in place, lines are added and taken out."""
        left = list(self.message(side).headers)
        kept: list[Header] = []
        new: dict[str, list[str]] = {}
        for name, value in wanted:
            same = [line for line in left if line.name.lower() == name.lower()]
            line = next((one for one in same if one.value == value), same[0] if same else None)
            if line is None:
                new.setdefault(name, []).append(value)
                continue
            left.remove(line)
            kept.append(line)
            if line.name != name and line.name_node is not None:
                self._edits.append(_text(line.name_node, name))
            edit = line.replace(value) if line.value != value else None
            if edit is not None:
                self._edits.append(Put(edit.node, value) if edit.node.is_null else edit)
        self._edits += _without(left, kept)
        for name, values in new.items():
            self._edits += self._new_header(side, name, values)
        both = sorted((name.lower(), value) for name, value in wanted)

        def holds(fresh: Interaction) -> bool:
            message = fresh.request if side == "request" else fresh.response
            return message is not None and sorted((one.name.lower(), one.value) for one in message.headers) == both

        self.expects("headers", holds)

    def _new_header(self, side: Side, name: str, values: list[str]) -> list[Edit]:
        """Return the edits that add lines of one name: as the others of the file are written, and in their order."""
        lines = list(self.message(side).headers)
        same = next((line.entries[0] for line in lines if line.name.lower() == name.lower() and line.entries), None)
        if same is not None and same[0].kind == "mapping" and same[0].pairs[same[1]][1].kind == "sequence":
            held = same[0].pairs[same[1]][1]
            return [Insert(held, len(held), value) for value in values]
        entries = lines[-1].entries if lines else ()
        if not entries:
            return [self._first_header(side, name, values)]
        container, index = entries[0]
        name = _cased(name, [line.name for line in lines])
        if len(entries) > 1:  # names and values take turns
            return [Insert(container, len(container), one) for value in values for one in (name, value)]
        names = [key.value for key, _ in container.pairs] or [line.name for line in lines]
        ordered = len(names) > 1 and names == sorted(names) and len(names) == len(container)
        place = bisect.bisect(names, name) if ordered else len(container)
        if container.kind == "mapping":
            listed = container.pairs[index][1].kind == "sequence"
            return [Insert(container, place, values if listed else _only(name, values), name)]
        return [Insert(container, place, _item_like(container.items[index], name, value)) for value in values]

    def _first_header(self, side: Side, name: str, values: list[str]) -> Edit:
        """Return the edit that adds lines where there are none: as the headers elsewhere in the file are."""
        shape = next(self._other_headers(), None)
        filled: object
        if shape is not None and shape.entries:
            container, index = shape.entries[0]
            name = _cased(name, [shape.name])
            if len(shape.entries) > 1:
                filled = [one for value in values for one in (name, value)]
            elif container.kind == "mapping":
                filled = {name: values if container.pairs[index][1].kind == "sequence" else _only(name, values)}
            else:
                filled = [_item_like(container.items[index], name, value) for value in values]
        elif self.cassette.format == "har":
            filled = [{"name": name, "value": value} for value in values]
        else:
            filled = {name: values if self.cassette.format.startswith(_LISTED) else _only(name, values)}
        nodes = self.message(side).headers.nodes
        return Put(nodes[0], filled) if nodes else Insert(self.node(side), len(self.node(side)), filled, "headers")

    def _other_headers(self) -> Iterator[Header]:
        for one in [self.interaction, *self.cassette.interactions]:
            sides: Iterable[Request | Response | None] = (one.response, one.request)
            yield from (line for message in sides if message is not None for line in message.headers)

    def edits(self) -> list[Edit]:
        """Return the edits of the file, without those that others make needless."""
        made = [edit for payload in self._payloads.values() for edit in payload.edits()]
        own = {edit.node.span for edit in self._edits if isinstance(edit, Replace | Put)}
        gone = [_entry_span(edit) for edit in self._edits if isinstance(edit, Remove)]

        def stands(edit: Edit) -> bool:
            if not isinstance(edit, Replace):
                return True
            start = edit.node.start
            return edit.node.span not in own and not any(begin <= start < end for begin, end in gone)

        return [*self._edits, *filter(stands, made)]


def _only(name: str, values: list[str]) -> str:
    return values[0] if len(values) == 1 else _refused(name)


def _refused(name: str) -> Any:
    raise EditError(f"the file cannot take several new lines of the header {name} at once")


def _text(node: Node, value: str) -> Edit:
    return Put(node, value) if node.is_null else Replace.all(node, value)


def _phrase(old: str, status: str | None, reason: str) -> str:
    """Return a status line with a new status and reason: `200 OK`, or `HTTP/1.1 200 OK`."""
    words = old.split(" ")
    head = words[:1] if words[0].upper().startswith("HTTP/") else []
    code = status if status is not None else words[len(head)] if len(words) > len(head) else ""
    return " ".join([*head, code, *([reason] if reason else [])])


def _values(interaction: Interaction, side: Side, name: str) -> list[str]:
    message = interaction.request if side == "request" else interaction.response
    return [line.value for line in message.headers if line.name.lower() == name.lower()] if message is not None else []


def _without(lines: list[Header], kept: list[Header]) -> list[Edit]:
    """Return the edits that take lines out; of an entry that others share only the values that go."""
    edits: list[Edit] = []
    shared = {line.entries for line in kept}
    for line in lines:
        if not line.entries:
            raise EditError(f"the header {line.name} cannot be taken out alone")
        if line.entries not in shared:
            edits += line.remove()
            continue
        container, index = line.entries[0]
        values = container.pairs[index][1] if container.kind == "mapping" else container.items[index]
        if values.kind != "sequence" or line.node is None or line.node not in values.items:
            raise EditError(f"one line of the header {line.name} cannot be taken out alone")
        edits.append(Remove(values, list(values.items).index(line.node)))
    return list(dict.fromkeys(edits))


def _entry_span(edit: Remove) -> tuple[int, int]:
    container, index = edit.container, edit.index
    key, value = container.pairs[index] if container.kind == "mapping" else (container.items[index],) * 2
    return key.start, max(value.end, key.end)


def _item_like(item: Node, name: str, value: str) -> object:
    """Return a header as an item of a list is written: `{name, value}`, `[name, value]` or `name: value`."""
    if item.kind == "mapping":
        keys = [key for key in item.fields() if key in ("name", "key", "value")]
        return {key: value if key == "value" else name for key in keys}
    if item.kind == "sequence":
        listed = len(item) > 1 and item.items[1].kind == "sequence"
        return [name, [value] if listed else value]
    return f"{name}: {value}"


def _cased(name: str, others: list[str]) -> str:
    """Return a header's name in the letters that the others have: Go finds `Retry-After`, and no `retry-after`."""
    if all(other == other.lower() for other in others):
        return name.lower()
    titled = "-".join(word[:1].upper() + word[1:] for word in name.split("-"))
    return titled if all(other[:1].isupper() for other in others) else name


def headers_text(headers: Headers) -> str:
    """Return header lines as they are edited, one a line; raises `EditError` where a value has a line break."""
    for line in headers:
        if len(f"{line.name}: {line.value}.".splitlines()) != 1:
            raise EditError(f"the header {line.name} has a line break, and cannot be edited as a line")
    return "".join(f"{line.name}: {line.value}\n" for line in headers)

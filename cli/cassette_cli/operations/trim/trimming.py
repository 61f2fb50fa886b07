"""Trimming a cassette: each chosen interaction by itself, then the file as a whole; both are proved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.formats import registry
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.storage import difference
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.saving import rewrite
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.planning import Plan, plan
from cassette_cli.operations.trim.proving import fault, reframed
from cassette_cli.operations.trim.volatile import drops
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit
from cassette_cli.source.one_by_one import OneByOne
from cassette_cli.streams import editing

_ROUNDS = 4
"""What goes may lay bare more of its kind; after this many times the stream is left as it then is."""


@dataclass(slots=True)
class Trimmed:
    """What is dropped from one interaction.

    `frames` are those of the response, before and after, None where it is no stream; `size` is that
    of its decoded body in bytes. `dropped` counts frames (of padding: members, of headers: lines) by
    option. `reason` says why something was left alone, and `unread` that it could not be looked into.
    """

    index: int
    protocol: str | None = None
    frames: tuple[int, int] | None = None
    size: tuple[int, int] = (0, 0)
    dropped: Counter[str] = field(default_factory=Counter)
    reason: str | None = None
    unread: bool = False
    payload: str | bytes | None = None
    body: list[Edit] = field(default_factory=list)
    headers: list[Edit] = field(default_factory=list)


class TrimmedFile(NamedTuple):
    """What is told of one file: all that goes from the process that trimmed it to the one that reports.

    `frames` and `size` are those of `Result`; `interactions` are without what they became.
    """

    path: str
    changed: bool
    frames: tuple[int, int]
    size: tuple[int, int]
    interactions: list[Trimmed]


@dataclass(slots=True)
class Result:
    """One file: what was dropped of each interaction, and the new document, None for an unchanged file.

    `size` is that of the file's text in bytes, before and after.
    """

    loaded: Loaded
    interactions: list[Trimmed]
    after: Document | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The bytes of the file's text, before and after."""
        before = len(self.loaded.cassette.document.raw)
        return before, before if self.after is None else len(self.after.raw)

    @property
    def frames(self) -> tuple[int, int]:
        """The frames of all chosen streams, before and after."""
        pairs = [one.frames for one in self.interactions if one.frames is not None]
        return sum(before for before, _ in pairs), sum(after for _, after in pairs)

    def summary(self) -> TrimmedFile:
        """Return what is told of it."""
        told = [replace(one, payload=None, body=[], headers=[]) for one in self.interactions]
        return TrimmedFile(self.loaded.cassette.path, self.after is not None, self.frames, self.size, told)


def trim(loaded: Loaded, options: Options, input_format: str | None = None) -> Result:
    """Trim the chosen interactions of a cassette.

    What cannot be trimmed is left alone, with the reason; nothing is written to disk. Raises
    `EditError` where the file as a whole cannot be changed, `UsageError` for a bad choice.
    """
    if loaded.cassette.document.is_held_in_pieces:
        try:
            return _in_turn(loaded, options, input_format)
        except EditError:
            loaded = loaded.whole(input_format)
    forced = loaded.selection.protocol is not None
    result = Result(loaded, [])
    for reading in loaded.selection.readings(loaded.cassette):
        result.interactions.append(_trim_one(reading, options, forced=forced))
        reading.interaction.forget()  # decoded, the bodies of many interactions may be larger than the file
    if any(one.body or one.headers for one in result.interactions):
        try:
            result.after = rewrite(loaded, _edits(result.interactions))
        except EditError:
            _drop_impossible(loaded, result.interactions)
            result.after = rewrite(loaded, _edits(result.interactions))
        if result.after is not None:
            _prove(result, input_format)
    return result


def _in_turn(loaded: Loaded, options: Options, input_format: str | None) -> Result:
    """Trim a large cassette an interaction at a time, each as a cassette of its own.

    Raises `EditError` where that cannot be.
    """
    from cassette_cli.source.parts import Parts

    cassette, protocol = loaded.cassette, loaded.selection.protocol
    if not isinstance(cassette.interactions, OneByOne):
        raise EditError("the interactions are not the items of the list", path=cassette.path)
    result = Result(loaded, [])
    parts, edited = Parts(cassette.document), []
    for reading in loaded.selection.readings(cassette):
        index = reading.interaction.index
        if reading.framed is None and not options.headers:
            result.interactions.append(Trimmed(index))
        else:
            del reading
            alone = parts.alone(index)
            small = registry.load(alone, input_format)
            if small.format != cassette.format or len(small.interactions) != 1:
                raise EditError("an interaction by itself is another recording", path=cassette.path)
            done = trim(loaded._replace(cassette=small, selection=Selection(protocol=protocol)), options, input_format)
            if done.after is not None:
                edited.append(parts.edited(index, alone, done.after))
            one = done.interactions[0]
            result.interactions.append(replace(one, index=index, payload=None, body=[], headers=[]))
            del alone, small, done, one
    if edited:
        result.after = parts.joined(edited)
    return result


def _edits(interactions: Sequence[Trimmed]) -> list[Edit]:
    return [edit for one in interactions for edit in (*one.body, *one.headers)]


def _drop_impossible(loaded: Loaded, interactions: Sequence[Trimmed]) -> None:
    """Leave alone what the file cannot take, found by trying each interaction's edits by themselves."""
    for one in interactions:
        for edits, leave in ((one.headers, _keep_headers), (one.body, _keep_body)):
            try:
                rewrite(loaded, edits)
            except EditError as error:
                leave(one)
                one.reason = error.message


def _keep_headers(one: Trimmed) -> None:
    one.headers = []
    del one.dropped["headers"]


def _keep_body(one: Trimmed) -> None:
    one.body, one.payload = [], None
    one.dropped = Counter({key: count for key, count in one.dropped.items() if key == "headers"})
    one.size = (one.size[0], one.size[0])
    one.frames = None if one.frames is None else (one.frames[0], one.frames[0])


def _trim_one(reading: Reading, options: Options, *, forced: bool) -> Trimmed:
    interaction = reading.interaction
    one = Trimmed(interaction.index)
    response = interaction.response
    if response is None:
        return one
    if options.headers:
        _trim_headers(one, (interaction.request.headers, response.headers), options.headers)
    framed = reading.framed
    if framed is not None:
        one.frames = (len(framed.frames), len(framed.frames))
        one.size = (response.body.size, response.body.size)
    if not options.streams:
        return one
    if response.body.undecoded:
        one.reason, one.unread = response.body.undecoded, True
        return one
    if framed is None or one.frames is None:
        return one
    try:
        one.protocol = None if reading.protocol is None else reading.protocol.name
        _trim_body(one, reading, options, forced=forced)
        if options.coalesce is not None and one.reason is None:
            one.reason = _uncoalesced(reading, one.frames[0])
    except CassetteError as error:
        _keep_body(one)
        one.reason = error.message
    except RecursionError:  # JSON on the edge of what the parser takes cannot be compared
        _keep_body(one)
        one.reason = "its frames are nested too deep"
    return one


def _trim_headers(one: Trimmed, sides: Sequence[Headers], names: tuple[str, ...]) -> None:
    for headers in sides:
        for line in headers:
            edits = line.remove() if drops(line.name, names) else []
            if edits:
                one.headers += edits
                one.dropped["headers"] += 1


def _trim_body(one: Trimmed, reading: Reading, options: Options, *, forced: bool) -> None:
    """Plan, make and prove the changes of a stream, until a further round would find nothing."""
    framed, response = reading.framed, reading.interaction.response
    assert framed is not None
    assert response is not None
    body, protocol = response.body, reading.protocol
    made: list[Plan] = []
    payload, now = body.payload, framed
    for _ in range(_ROUNDS):
        next_plan = plan(now, protocol, options)
        if not next_plan.changes:
            break
        payload = editing.edited(payload, now, next_plan.changes)
        after = reframed(payload, reading.exchange, framed)
        if isinstance(after, str):
            one.reason = after
            return
        made.append(next_plan)
        now = after
    if not made:
        return
    edited = any(each.changes.parts for each in made)
    one.reason = fault(reading.exchange, framed, now, protocol, forced=forced, edited=edited)
    if one.reason is not None:
        return
    if len(made) == 1 and isinstance(body.payload, str):  # part by part, so that what stands between is not touched
        one.body = body.edit(editing.text_parts(body.payload, framed, made[0].changes))
    else:
        one.body = _replaced(body, payload)
    one.payload = payload
    one.frames = (len(framed.frames), len(now.frames))
    size = len(payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass"))
    one.size = (body.size, size)
    for each in made:
        one.dropped.update(each.dropped)


def _uncoalesced(reading: Reading, frames: int) -> str | None:
    """Say why the deltas of a stream stay apart, None where they could be merged."""
    if frames < 2 or (reading.protocol is not None and reading.protocol.coalescing):
        return None
    name = (
        "no protocol claims the stream"
        if reading.protocol is None
        else f"{reading.protocol.name} has no coalescing rules"
    )
    return f"its deltas: {name}"


def _replaced(body: Body, payload: str | bytes) -> list[Edit]:
    """Return the edits that give a body its new payload: as one part, where it is text."""
    if isinstance(payload, bytes) or isinstance(body.payload, bytes):
        return body.replace(payload)
    part = difference(body.payload, payload)
    return [] if part is None else body.edit([part])


def _prove(result: Result, input_format: str | None) -> None:
    """Read the new file as any command would; raises `EditError` unless each trimmed body is the one meant."""
    assert result.after is not None
    fresh = registry.load(result.after, input_format).interactions
    for one in result.interactions:
        if one.payload is None:
            continue
        response = fresh[one.index].response
        if response is None or response.body.payload != one.payload:
            raise EditError(
                f"interaction {one.index} would not read back as it was trimmed",
                path=result.loaded.cassette.path,
                hint="nothing was written; please report this file",
            )

"""`cassette show`: an interaction as a person reads it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cassette_cli.errors import CassetteError
from cassette_cli.model.body import Body
from cassette_cli.model.http import Unread
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.saving import readable
from cassette_cli.operations.showing import Parts, cassette_json
from cassette_cli.operations.sizes import counted
from cassette_cli.render import conversation
from cassette_cli.render.bodies import header_lines
from cassette_cli.render.frames import frame_lines
from cassette_cli.render.inert import inert_line
from cassette_cli.render.layouts import body, request_body
from cassette_cli.render.output import Line, Output, human_size, human_time, json_line


@dataclass
class View:
    """What of each interaction to write, and how; `wanted.bodies` are those of the JSON, people see them anyway."""

    output: Output
    wanted: Parts
    headers: bool
    raw: bool
    _files: int = 0

    def write(self, loaded: Loaded, failed: Callable[[CassetteError], None]) -> None:
        """Write the chosen interactions of one cassette; what cannot be shown goes to `failed`."""
        try:
            if readable(loaded):
                self._text(loaded, failed)
        except CassetteError as error:
            failed(error.at(loaded.cassette.path))

    def json(self, loaded: Loaded) -> Iterator[str]:
        """Yield the line of JSON of one cassette, none where nothing is chosen; raises what `write` gives away."""
        cassette = loaded.cassette
        try:
            if not readable(loaded):
                return
            readings = loaded.selection.readings(cassette)
            document = cassette_json(cassette, readings, self.wanted)
        except CassetteError as error:
            raise error.at(cassette.path) from None
        if document["interactions"] or not cassette.interactions:
            yield json_line(document)

    def _text(self, loaded: Loaded, failed: Callable[[CassetteError], None]) -> None:
        first = True
        for reading in loaded.selection.readings(loaded.cassette):  # one at a time: each holds a body and its frames
            if self.raw:
                self._raw(loaded, reading, failed)
                continue
            if first:
                self._heading(loaded)
            first = False
            sides = (self.wanted.request, self.wanted.response)
            interaction(self.output, reading, headers=self.headers, reassembled=self.wanted.messages, sides=sides)
            unread(self.output, reading.interaction.unread)
        if not loaded.cassette.interactions and not self.raw:
            self._heading(loaded)

    def _heading(self, loaded: Loaded) -> None:
        if self._files:
            self.output.lines([[]])
        self._files += 1
        file_heading(self.output, loaded)

    def _raw(self, loaded: Loaded, reading: Reading, failed: Callable[[CassetteError], None]) -> None:
        one = reading.interaction
        side, part = ("response", one.response) if self.wanted.response else ("request", one.request)
        if part is None:
            return
        self.output.data(part.body.data)
        if part.body.undecoded:
            told = f"the {side} body of interaction {one.index} was not decoded whole: {part.body.undecoded}"
            blocked = part.body.blocked
            hint = (blocked and blocked.hint) or "leave --raw out to see what it is"
            failed(CassetteError(told, path=loaded.cassette.path, hint=hint))


def file_heading(output: Output, loaded: Loaded) -> None:
    """Write the line above a file's interactions."""
    cassette = loaded.cassette
    count = len(cassette.interactions)
    facts = f"{inert_line(cassette.format)} · {counted(count, 'interaction')} · {human_size(loaded.size)}"
    output.lines([[(inert_line(cassette.path), "bold"), (f"  {facts}", "dim")]])
    unread(output, cassette.unread)


def unread(output: Output, parts: Sequence[Unread]) -> None:
    """Name the parts that nothing looks into."""
    output.lines([
        [(f"note: {inert_line(one.where)} is not read: {inert_line(one.reason)}", "yellow")] for one in parts
    ])  # fmt: skip


def interaction(
    output: Output, reading: Reading, *, headers: bool, reassembled: bool, sides: tuple[bool, bool]
) -> None:
    """Write one interaction: the raw view of request and response, or the conversation."""
    output.lines([[], _title(reading)])
    if reassembled:
        conversation.write(output, reading, headers=headers, sides=sides)
        return
    request, response = reading.interaction.request, reading.interaction.response
    if reading.messages is not None:
        output.lines([[]])
        if headers:
            header_lines(output, request.headers)
        output.lines(frame_lines(reading, sides), crop=output.terminal)
        return
    if sides[0]:
        output.lines([[], [("── request", "bold cyan"), (stack(request.body), "dim")]])
        if headers:
            header_lines(output, request.headers)
        request_body(output, request)
    if not sides[1]:
        return
    if response is None:
        output.lines(conversation.no_response(reading))
        return
    output.lines([[], [("── response", "bold cyan"), (stack(response.body), "dim")]])
    if headers:
        header_lines(output, response.headers)
    if reading.framed is None:
        body(output, response.body)
    else:
        output.lines(frame_lines(reading), crop=output.terminal)
        notes = [*response.body.notes, *reading.framed.notes]
        output.lines([[(f"note: {inert_line(note)}", "yellow")] for note in notes])


def _title(reading: Reading) -> Line:
    """Return the line that names an interaction, and what is known of it at a glance."""
    one = reading.interaction
    response = one.response
    status = None if response is None else response.status
    style = "red" if status is None or status >= 400 else "yellow" if status >= 300 else "green"
    word = "no response" if response is None else "-" if status is None else str(status)
    if response is not None and response.reason:
        word += f" {inert_line(response.reason)}"
    facts = []
    if reading.protocol is not None:
        framing = "" if reading.framed is None else f" over {reading.framed.framing}"
        facts.append(f"{reading.protocol.name}{framing}")
    elif reading.framed is not None:
        facts.append(reading.framed.framing)
    if reading.model:
        facts.append(inert_line(reading.model))
    if response is not None and response.duration_ms is not None:
        facts.append(human_time(response.duration_ms))
    line: Line = [
        (f"#{one.index} ", "bold cyan"), (f"{inert_line(one.request.method)} ", "bold"),
        (inert_line(one.request.url or "(no URL was recorded)"), ""), (" → ", "dim"), (word, f"bold {style}"),
    ]  # fmt: skip
    return [*line, (f"  {' · '.join(facts)}", "dim")] if facts else line


def stack(body: Body) -> str:
    """Return the stack of encodings, where it is more than plain text."""
    if body.node is None:
        return "  no body"
    layers = body.layers
    facts = [] if not layers or layers == ("UTF-8",) else [" › ".join(layers)]
    facts.append(human_size(body.recorded_size))
    return "  " + " · ".join(facts)

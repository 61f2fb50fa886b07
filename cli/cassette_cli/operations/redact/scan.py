"""The scan of one cassette: ask the gate about the file, look where it says, sweep for what was found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cassette_cli.lazy import lazy
from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact import credentials, deltas, joining, messages
from cassette_cli.operations.redact.at_paths import path_hits
from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.hits import Hit, Secret, merged
from cassette_cli.operations.redact.leads import Leads
from cassette_cli.operations.redact.paths import JsonPath
from cassette_cli.operations.redact.pattern import Pattern
from cassette_cli.operations.redact.places import Place, Survey, Unscanned, Wanted
from cassette_cli.operations.redact.rules.table import Rule, Table
from cassette_cli.operations.redact.text import Finder, Replacing
from cassette_cli.operations.redact.values import is_sweepable
from cassette_cli.source.edits import spliced
from cassette_cli.streams import eventstream, framing
from cassette_cli.streams.frames import Framed

_NO_RULES = Table((), defaults=False)


@dataclass(slots=True)
class Spot:
    """A place with what is to be done in it: hits of its text, or, in an AWS event stream, of its frames' texts."""

    place: Place
    hits: list[Hit] = field(default_factory=list)
    frames: dict[int, tuple[deltas.FrameText, list[Hit]]] = field(default_factory=dict)

    def secrets(self) -> Iterator[tuple[Hit, Secret, int | None]]:
        """Yield each secret with its hit, and the frame that it was found in where hits are those of frames."""
        for hit in self.hits:
            yield from ((hit, secret, None) for secret in hit.secrets)
        for number, (_, hits) in sorted(self.frames.items()):
            for hit in hits:
                yield from ((hit, secret, number) for secret in hit.secrets)

    def __bool__(self) -> bool:
        return bool(self.hits or self.frames)


@dataclass(slots=True)
class Scanned:
    """What a scan found, spot by spot in the order of the text, and what could not be read."""

    spots: list[Spot]
    unscanned: list[Unscanned]
    survey: Survey


@dataclass
class Plan:
    """What to look for: the table of rules, placeholders, known values, patterns and paths of one's own."""

    table: Table
    replacing: Replacing
    values: dict[str, Rule] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    paths: tuple[tuple[JsonPath, Rule], ...] = ()

    def __post_init__(self) -> None:
        self.finder = Finder(self.table, self.replacing, self.values, self.patterns)


@dataclass
class _Stream:
    """A body cut into frames, and its deltas joined."""

    framed: Framed
    joins: list[joining.Joined]

    @property
    def is_binary(self) -> bool:
        """Whether it is an AWS event stream: then all is found and edited frame by frame."""
        return self.framed.framing == eventstream.NAME

    def texts(self) -> Iterator[str]:
        """Yield what the stream says beyond the text of its body."""
        for join in self.joins:
            yield join.text
        if self.is_binary:
            for frame in self.framed.frames:
                yield frame.data
                yield deltas.frame_text(frame).text
        else:
            yield from (self.framed.frames[number].data for number in self.several)

    @lazy
    def several(self) -> list[int]:
        """The numbers of the frames whose data stands in several lines."""
        return [number for number, frame in enumerate(self.framed.frames) if not isinstance(frame.place, int)]


class Scan:
    """One scan of one cassette; `chosen` are the interactions to look at, None for the whole file."""

    def __init__(self, plan: Plan, cassette: Cassette, chosen: set[int] | None = None) -> None:
        self._plan = plan
        self._cassette = cassette
        self._chosen = chosen
        self._survey = Survey(cassette, chosen)
        self._streams = [self._stream(place) for place in self._survey.bodies]
        self._messages = messages.sequences(cassette)
        self._found = Found()

    @staticmethod
    def _stream(place: Place) -> _Stream | None:
        assert place.body is not None
        payload = place.body.payload
        # Nearly all are known by their text, and what opens an object is no stream by its type alone: for
        # these the headers need not be read.
        framed = framing.split(payload)
        if framed is None and payload[:1] not in ("{", b"{"):
            framed = framing.split(payload, place.body.content_type)
        if framed is None:
            return None
        if framed.framing == eventstream.NAME:
            place.framed = framed
        return _Stream(framed, joining.joined(framed))

    def run(self, swept: dict[str, Rule] | None = None) -> Scanned:
        """Scan; values that are found in one place are looked for in all the others.

        `swept` are values that an earlier scan found.
        """
        spots = self._pass(self._with(swept) if swept else self._plan.finder)
        fresh = {value: rule for value, rule in harvest(spots).items() if value not in (swept or {})}
        if fresh and self._occurs_elsewhere(fresh, spots):
            spots = self._pass(self._with({**(swept or {}), **fresh}))
        spots = sorted((spot for spot in spots if spot), key=_position)
        self._report_trailing()
        return Scanned(self._sound(spots), self._survey.unscanned, self._survey)

    def _with(self, values: dict[str, Rule]) -> Finder:
        plan = self._plan
        return Finder(plan.table, plan.replacing, {**values, **plan.values}, plan.patterns)

    def _look_at_all(self, finder: Finder) -> Found:
        """Ask the gate about the whole file: its scalars as they are written, and what is decoded from them."""
        gate = finder.gate
        found = gate.look_at_source(self._as_written())
        decoded = self._decoded()
        if decoded:
            found.add(gate.look("\n".join(decoded)))
        return found

    def _as_written(self) -> bytes:
        """Return the file but for its encoded scalars: what these hold is looked at when it is decoded."""
        document = self._cassette.document
        encoded = [(start, end, "\n") for start, end in set(self._encoded())]
        return document.encode(spliced(document.text, encoded))

    def _encoded(self) -> Iterator[tuple[int, int]]:
        """Yield the spans of scalars that hold a body in an encoding, without what stands before a block: comments."""
        for place in self._survey.bodies:
            node = place.node
            if node is not None and node.kind == "scalar" and not _stands_as_it_is(place):
                is_block = node.style in ("literal", "folded")
                yield self._cassette.document.text.index("\n", node.start) if is_block else node.start, node.end

    def _decoded(self) -> list[str]:
        """Return the texts that do not stand in the file as they are."""
        texts = []
        for place, stream in zip(self._survey.bodies, self._streams, strict=True):
            assert place.body is not None
            if (stream is None or not stream.is_binary) and not _stands_as_it_is(place):
                texts.append(place.text)
            if stream is not None:
                texts.extend(stream.texts())
        texts.extend(join.text for one in self._messages for join in one.joins)
        return texts

    def _occurs_elsewhere(self, values: dict[str, Rule], spots: Sequence[Spot]) -> bool:
        """Say whether a value may stand in more places than those in which it was found, or in another writing."""
        text = self._cassette.document.text
        decoded = self._decoded()
        sweeper = Finder(_NO_RULES, self._plan.replacing, values)
        if any(map(sweeper.gate.look, self._found.inside)):
            return True
        places: dict[str, list[Spot]] = {value: [] for value in values}
        for spot in spots:
            for value in {secret.value for _, secret, _ in spot.secrets()} & values.keys():
                places[value].append(spot)
        for value, own in places.items():
            covered = 0
            for spot in own:
                count = _literally(spot, value, text)
                if count is None:
                    return True
                covered += count
            if text.count(value) + sum(one.count(value) for one in decoded) != covered or not own:
                return True
            if any(one in text for one in sweeper.gate.spellings if one != value and one not in values):
                return True
        return False

    def _pass(self, finder: Finder) -> list[Spot]:
        found = self._found = self._look_at_all(finder)
        spots = []
        for place, stream in zip(self._survey.bodies, self._streams, strict=True):
            spot = Spot(place)
            if stream is not None and stream.is_binary:
                self._look_at_frames(finder, spot, stream, found)
            else:
                self._look(finder, spot, found, stream)
            spots.append(spot)
        paths = self._named_by_paths() if self._plan.paths else {}
        spots.extend(self._other(finder, place, found, paths) for place in self._survey.others(self._wanted(found)))
        if self._messages:
            spots = self._add_messages(finder, spots, found)
        if found:
            for place in self._survey.comments(found.touches):
                spots.append(Spot(place, finder.find(place.text, "text")))
        return spots

    def _wanted(self, found: Found) -> Wanted:
        """Return what to look for outside of bodies: anywhere, where paths, patterns or globs may name any node."""
        table = self._plan.table
        if self._plan.paths:
            return Wanted(table.by, bool, None)
        everywhere = found.all or table.has_globs
        leads = None if everywhere else Leads(self._cassette.document.text, self._survey.gaps(), found)
        return Wanted(table.by, found.touches, leads)

    def _add_messages(self, finder: Finder, spots: list[Spot], found: Found) -> list[Spot]:
        """Add what messages say in pieces to the spots of the scalars that hold the pieces."""
        by_node = {spot.place.node.span: spot for spot in spots if spot.place.node is not None}
        for one in self._messages:
            for join in one.joins:
                if found.touches(join.text):
                    for node, hit in one.spread(join, finder.find(join.text)):
                        spot = by_node.setdefault(node.span, Spot(self._survey.place_of(node)))
                        spot.hits = merged([*spot.hits, hit])
        known = {id(spot) for spot in spots}
        return spots + [spot for spot in by_node.values() if id(spot) not in known]

    def _other(self, finder: Finder, place: Place, found: Found, paths: dict[tuple[int, int], Rule]) -> Spot:
        spot = Spot(place)
        rule = place.rule
        if rule is None and place.node is not None:
            rule = paths.get(place.node.span)
        if rule is not None:
            spot.hits = finder.judge(rule, place.text, place.name if place.kind == "node" else "")
        if place.body is not None:
            found = finder.gate.look(place.text)
        self._look(finder, spot, found, None)
        return spot

    def _look(self, finder: Finder, spot: Spot, found: Found, stream: _Stream | None) -> None:
        place = spot.place
        hits = list(spot.hits)
        if stream is not None:
            hits += self._said_in_pieces(finder, stream, found)
        if found.touches(place.text):
            hits += finder.find(place.text, place.role, found)
        if self._plan.paths and place.kind == "body":
            hits += self._at_paths(finder, place.text, stream)
        if hits:
            spot.hits = _guarded(place, merged(hits))

    def _spread(
        self, finder: Finder, stream: _Stream, found: Found
    ) -> tuple[dict[int, deltas.FrameText], dict[int, list[Hit]]]:
        """Return what the deltas hold when they are joined, as hits of the frames' texts."""
        texts: dict[int, deltas.FrameText] = {}
        by_frame: dict[int, list[Hit]] = {}
        for join in stream.joins:
            if found.touches(join.text):
                for number, hits in deltas.spread(join, finder.find(join.text), texts, stream.framed).items():
                    by_frame.setdefault(number, []).extend(hits)
        return texts, by_frame

    def _said_in_pieces(self, finder: Finder, stream: _Stream, found: Found) -> Iterator[Hit]:
        """Yield hits of the deltas joined, and of data in several lines, in the characters of the payload."""
        texts, by_frame = self._spread(finder, stream, found)
        several = set(stream.several)
        for number in sorted(several | by_frame.keys()):
            frame = stream.framed.frames[number]
            own = by_frame.get(number, [])
            if number in several and found.touches(frame.data):
                own = [*own, *finder.find(frame.data)]
            if own:
                text = texts.get(number) or deltas.FrameText(frame.data)
                if text.inner is not None:
                    own = deltas.outward(text, [*own, *finder.find(text.text)])
                yield from deltas.payload_view(frame).lift(merged(own))

    def _look_at_frames(self, finder: Finder, spot: Spot, stream: _Stream, found: Found) -> None:
        """Find what an AWS event stream holds, frame by frame and joined."""
        texts, by_frame = self._spread(finder, stream, found)
        for number, frame in enumerate(stream.framed.frames):
            text = texts.get(number) or deltas.frame_text(frame)
            hits = by_frame.get(number, [])
            if found.touches(text.text):
                hits = [*hits, *finder.find(text.text)]
            around = finder.find(frame.data) if text.inner is not None and found.touches(frame.data) else []
            if hits or around:
                spot.frames[number] = _whole(frame.data, text, hits, around) if around else (text, merged(hits))

    def _at_paths(self, finder: Finder, text: str, stream: _Stream | None) -> Iterator[Hit]:
        """Yield what the paths of one's own name in a JSON body, or in each frame of a stream."""
        if stream is None:
            yield from path_hits(finder, self._plan.paths, text)
            return
        for frame in stream.framed.frames:
            yield from deltas.payload_view(frame).lift(list(path_hits(finder, self._plan.paths, frame.data)))

    def _named_by_paths(self) -> dict[tuple[int, int], Rule]:
        """Return the scalars that the paths name in bodies that stand as structures."""
        named: dict[tuple[int, int], Rule] = {}
        for interaction in self._cassette.interactions:
            for side in (interaction.request, interaction.response):
                if side is not None and side.body.node is not None and side.body.storage in ("parsed", "json"):
                    for path, rule in self._plan.paths:
                        named.update((node.span, rule) for node in path.scalars(side.body.node))
        return named

    def _report_trailing(self) -> None:
        """Report what may hold a secret behind the end of compressed data: it is kept byte for byte."""
        for place in self._survey.bodies:
            assert place.body is not None
            trailing = place.body.trailing.decode("latin-1")
            if trailing and self._plan.finder.find(trailing):
                assert place.node is not None
                reason = f"{len(trailing)} bytes after the end of the compressed data hold what looks secret"
                self._survey.unscanned.append(Unscanned(place.node, place.interaction, place.where, reason))

    def _sound(self, spots: Iterable[Spot]) -> list[Spot]:
        """Report streams that are cut or damaged, which could not be written back."""
        for place, stream in zip(self._survey.bodies, self._streams, strict=True):
            if stream is not None and stream.is_binary and (stream.framed.notes or not stream.framed.whole):
                assert place.node is not None
                reason = "; ".join(stream.framed.notes)
                self._survey.unscanned.append(Unscanned(place.node, place.interaction, place.where, reason))
                for spot in spots:
                    if spot.place is place:
                        spot.frames = {}
        return [spot for spot in spots if spot]


def _stands_as_it_is(place: Place) -> bool:
    """Say whether a place's text is the very value of a scalar, and so is in the file to be seen."""
    return place.node is not None and place.node.kind == "scalar" and place.text is place.node.value


def _literally(spot: Spot, value: str, text: str) -> int | None:
    """Return how often a value stands in the file in a spot that holds it, None where the hits do not tell."""
    node = spot.place.node
    hits = [hit for hit in spot.hits if any(secret.value == value for secret in hit.secrets)]
    if node is None or spot.frames or not _stands_as_it_is(spot.place):
        return None
    if any(spot.place.text[hit.start : hit.end] != value for hit in hits):
        return None
    count = text.count(value, node.start, node.end)
    return count if count == len(hits) else None


def _position(spot: Spot) -> tuple[int, int]:
    node = spot.place.node
    return (spot.place.start, 0) if node is None else (node.start, node.end)


def _whole(data: str, text: deltas.FrameText, hits: list[Hit], around: list[Hit]) -> tuple[deltas.FrameText, list[Hit]]:
    """Return the hits of a frame's data: those inside its base64, and those around it."""
    inner = deltas.outward(text, hits)
    assert text.inner is not None
    start, end = text.inner.span
    outside = [hit for hit in around if hit.end <= start or hit.start >= end]
    return deltas.FrameText(data), merged([*inner, *outside])


def harvest(spots: Iterable[Spot]) -> dict[str, Rule]:
    """Return the values worth looking for everywhere, each with the rule that knew it first."""
    found: dict[str, Rule] = {}
    for spot in spots:
        for _, secret, _ in spot.secrets():
            if secret.rule.level in ("secrets", "ids"):
                for value in _worth(secret):
                    found.setdefault(value, secret.rule)
    return found


def _worth(secret: Secret) -> Iterator[str]:
    value = secret.value
    if is_sweepable(value):
        yield value
    plain = credentials.decode_basic(value)
    if plain is not None:
        password = plain.partition(":")[2]
        if is_sweepable(password):
            yield password


def _guarded(place: Place, hits: list[Hit]) -> list[Hit]:
    """Drop hits in the parts of a URL that say where it goes: scheme, host and port; an id stays in the path."""
    if place.role != "url":
        return hits
    start, end, path_end = _authority(place.text)
    kept = []
    for hit in hits:
        in_host = hit.start < end and hit.end > start
        named_id = hit.start < path_end and all(s.rule.level == "ids" and s.rule.kind != "token" for s in hit.secrets)
        if not in_host and not named_id:
            kept.append(hit)
    return kept


def _authority(url: str) -> tuple[int, int, int]:
    """Return where a URL's host and port begin and end, and where its path ends."""
    start = url.find("://")
    path_end = min((at for at in (url.find("?"), url.find("#")) if at >= 0), default=len(url))
    if start < 0:
        return 0, 0, path_end
    start += 3
    end = min((at for at in (url.find("/", start), path_end) if at >= start), default=len(url))
    user = url.rfind("@", start, end)
    return (user + 1 if user >= 0 else start), end, path_end

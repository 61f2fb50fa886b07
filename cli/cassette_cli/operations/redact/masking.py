"""Masking: no secret in what is shown to others, be it a single text or a whole cassette."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from cassette_cli import config
from cassette_cli.errors import CassetteError, EditError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette, Interaction
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.redact.detect.addresses import LEAST
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.scanning import Plan, Scan, Scanned
from cassette_cli.operations.redact.texts.text import By, Kind, Layer, Piece, Replacement, Secret, Text, replaced
from cassette_cli.source.one_by_one import OneByOne

_MOST = 256
"""How many texts are remembered: URLs and prompts come again and again in one recording."""


def default_plan(key: str | None = None) -> Plan:
    """Return what is masked: secrets, by the rules and by what the project's settings add to them.

    With a `key`, a hash stands beside each mask, as `Placeholders` says.
    """
    plan = Plan(Detectors(frozenset(("secrets",))), Placeholders())
    with suppress(CassetteError):  # `cassette redact` says what is wrong with the settings
        settings = config.section("redact")
        if settings.values:
            from cassette_cli.operations.redact import options

            plan = options.chosen(settings, options.Given(levels=("secrets",)), bool).plan
    plan.placeholders.mask_key = key
    return plan


class Masker:
    """Masks secrets in texts, URLs, headers and JSON."""

    def __init__(self, plan: Plan | None = None) -> None:
        self._plan = plan or default_plan()
        self._seen: dict[Piece, Sequence[Replacement]] = {}

    @property
    def is_thorough(self) -> bool:
        """Whether the settings name values, patterns or places of the project's own."""
        return self._plan.detectors.is_thorough

    def text(self, text: str, name: str = "", by: By = "", kind: Kind = "text") -> str:
        """Return a text with its secrets masked.

        `name` is what it stands under, `kind` is `url` for one that is nothing but a URL.
        """
        found = self.replacements(text, name, by, kind)
        return replaced(text, found, masked=True) if found else text

    def replacements(self, text: str, name: str = "", by: By = "", kind: Kind = "text") -> Sequence[Replacement]:
        """Return what `text` hides, in order and without overlaps."""
        if len(text) < LEAST and not name:
            return ()
        piece = Piece(text, 0, name, by, kind)
        if piece not in self._seen:
            if len(self._seen) > _MOST:
                self._seen.clear()
            self._seen[piece] = self._replacements(piece)
        return self._seen[piece]

    def secrets(self, cassette: Cassette) -> list[Secret]:
        """Return every secret of a cassette, in clear and masked, the longest first; each once."""
        from cassette_cli.operations.redact.replace.writing import spots

        placeholders = self._plan.placeholders
        scanned = Scan.of(self._plan, cassette).run()
        found = spots(scanned, placeholders, placeholders.assigned(cassette.document.text))
        secrets = {secret.value: secret for spot in found for _, secret in spot.secrets()}
        return sorted(secrets.values(), key=lambda one: (-len(one.value), one.value))

    def _replacements(self, piece: Piece) -> Sequence[Replacement]:
        prefilter = self._plan.detectors.prefilter
        if (
            prefilter is not None
            and piece.kind == "text"
            and piece.by != "cookie"
            and not (piece.name and prefilter.tells(piece.name))
            and prefilter.is_dull(piece.value)
        ):
            return ()
        layer = MemoryLayer([piece])
        scanned = Scan(self._plan, layer, piece.value).run()
        if not scanned.found:
            return ()
        from cassette_cli.operations.redact.replace.writing import lifted

        found = lifted(scanned, self._plan.placeholders, self._plan.placeholders.assigned(""))
        return next((own for _, own in found), ())

    def header(self, name: str, value: str) -> str:
        """Return a header's value with its secrets masked."""
        return self.text(value, name, "header")

    def json(self, value: Any, key: str = "") -> Any:
        """Return JSON with its secrets masked, under its keys and by their looks."""
        if isinstance(value, str):
            return self.text(value, key, "key" if key else "")
        if isinstance(value, dict):
            return {self.text(name): self.json(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.json(item, key) for item in value]
        return value


class MemoryLayer(Layer):
    """Texts that stand in no file."""

    strict = True

    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__(None)
        self._pieces = pieces

    def all_pieces(self) -> Iterable[Piece]:
        """Return the texts."""
        return self._pieces

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield nothing: there is no text around these."""
        del child, found
        return iter(())


def hidden(loaded: Loaded, plan: Plan) -> Loaded:
    """Return a loaded cassette whose secrets are masked; raises `EditError` where that cannot be made."""
    clean = masked(loaded.cassette, plan)
    if clean is None:
        raise EditError("its secrets cannot be masked", path=loaded.cassette.path, hint="leave --mask out to see it")
    return loaded._replace(cassette=clean)


def masked(cassette: Cassette, plan: Plan | None = None, scanned: Scanned | None = None) -> Cassette | None:
    """Return a cassette whose secrets are masked, None where it cannot be made.

    `scanned` is what a scan of it by the plan has found, where there was one.
    """
    from cassette_cli.operations.redact.replace.writing import edits, spots
    from cassette_cli.source.verify import apply

    plan = plan or default_plan()
    document = cassette.document
    scanned = scanned or Scan.of(plan, cassette).run()
    try:
        found = spots(scanned, plan.placeholders, plan.placeholders.assigned(document.text))
        after = apply(document, edits(found, masked=True))
        return cassette if after is document else _standing_for(cassette, registry.load(after))
    except CassetteError:
        return None


def _standing_for(recorded: Cassette, clean: Cassette) -> Cassette:
    """Return a masked cassette whose bodies know those that were recorded."""

    def linked(old: Interaction, new: Interaction) -> Interaction:
        for (_, body), (_, masked) in zip(old.bodies, new.bodies, strict=True):
            masked.recorded = body
        return new

    olds, news = recorded.interactions, clean.interactions
    if isinstance(news, OneByOne):
        clean.interactions = OneByOne(len(news), lambda index: linked(olds[index], news[index]))
    else:
        for old, new in zip(olds, news, strict=True):
            linked(old, new)
    return clean

"""Cassettes without secrets, for what leaves the project: with placeholders, or with variables of a shell."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.redact.detect.shapes import ShapeDetector
from cassette_cli.operations.redact.findings.finding import gaps
from cassette_cli.operations.redact.masking import default_plan
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.replace.writing import Spot, edits, spots
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.scanning import Plan, Scan
from cassette_cli.operations.redact.texts.document import DocumentLayer
from cassette_cli.providers.base import host_of
from cassette_cli.source.verify import apply

if TYPE_CHECKING:
    from cassette_cli.operations.redact.texts.text import Secret


class Note(NamedTuple):
    """What is to be said of an export; `interaction` is None for what stands outside of all.

    It `counts` where something was left out, or could not be looked into.
    """

    path: str
    interaction: int | None
    text: str
    counts: bool = True


class Cleaned(NamedTuple):
    """A cassette as it may leave, and what is to be said of it."""

    loaded: Loaded
    notes: list[Note]


def revealed(loaded: Loaded, *, responses: bool = True) -> Cleaned:
    """Return a cassette as it is; without `responses`, nothing is said of them."""
    return Cleaned(loaded, _notes(loaded, _undecoded(loaded.cassette), responses=responses))


def _undecoded(cassette: Cassette) -> Iterator[Note]:
    for one in cassette.interactions:
        for side, body in one.bodies:
            if body.undecoded:
                yield Note(cassette.path, one.index, f"{side}.body could not be decoded: {body.undecoded}")
        one.forget()


def redacted(loaded: Loaded, plan: Plan) -> Cleaned:
    """Return a cassette with placeholders in the place of its secrets, as `redact` would write them.

    Raises `EditError` where that cannot be made.
    """
    return _cleaned(loaded, plan, masked=False)


def _cleaned(
    loaded: Loaded,
    plan: Plan,
    *,
    masked: bool,
    responses: bool = True,
    heard: Callable[[Spot, "Secret"], None] | None = None,
) -> Cleaned:
    """Return a cassette without secrets; without `responses`, they stay as they are, and are not to leave."""
    cassette, document = loaded.cassette, loaded.cassette.document
    scanned = Scan.of(plan, cassette).run()
    try:
        found = spots(scanned, plan.placeholders, plan.placeholders.assigned(document.text))
        if not responses:
            found = [spot for spot in found if spot.place.side != "response"]
        if heard is not None:
            for spot in found:
                for _, secret in spot.secrets():
                    heard(spot, secret)
        after = apply(document, edits(found, masked=masked, shown=True))
        clean = cassette if after is document else registry.load(after)
    except CassetteError as error:
        hint = "add --reveal to export it as it was recorded"
        raise EditError(f"its secrets cannot be replaced: {error.message}", path=cassette.path, hint=hint) from error
    assert isinstance(scanned.layer, DocumentLayer)
    unscanned = [
        Note(one.path, one.interaction, f"{one.where} could not be searched for secrets: {one.reason}")
        for one in gaps(cassette, scanned.layer.unscanned, set())
    ]
    return Cleaned(loaded._replace(cassette=clean), _notes(loaded, unscanned, responses=responses))


def _notes(loaded: Loaded, unscanned: Iterable[Note], *, responses: bool) -> list[Note]:
    """Return what is to be said of the chosen interactions, and of what stands outside of all."""
    cassette = loaded.cassette
    unread = (
        Note(cassette.path, one.interaction, f"{one.where} is not read, and not exported: {one.reason}")
        for one in cassette.unread_parts()
    )
    notes = [note for note in (*unscanned, *unread) if responses or not note.text.startswith("response")]
    if not notes:
        return []
    chosen = {reading.interaction.index for reading in loaded.selection.readings(cassette)}
    return [note for note in notes if note.interaction is None or note.interaction in chosen]


_LIKE = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|COOKIE|CODE|SESSION|SIGNATURE|CREDENTIALS?)$")
_COMMON = frozenset(
    "com net org io ai dev app co cloud api www gateway services googleapis amazonaws azure windows eu us uk".split()
)
"""Labels of a host that do not say whose it is."""
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-?\d")
_OF_SHELLS = frozenset("HOME IFS PATH PWD USER LOGNAME SHELL MAIL LANG TERM ENV HOSTNAME UID CDPATH TMPDIR".split())


@dataclass
class Variables(Placeholders):
    """Placeholders that stand for variables of a shell, one a value, over all cassettes of a run.

    Until its texts are written, a token stands for a variable; no recorded text can have one, for it is `salted`.
    """

    names: dict[int, str] = field(default_factory=dict)
    salted: str = field(default_factory=lambda: f"{token_hex(8).upper()}_CASSETTE_")
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def like(cls, other: Placeholders) -> "Variables":
        """Return variables that let pass what other placeholders let pass."""
        return cls(other.default, other.by_rule, other.allowed)

    def mask(self, value: str) -> str:
        """Return what stands for a value until it is written."""
        return self.token(value)

    def token(self, value: str, name: str | None = None) -> str:
        """Return the same, and name the variable unless it has a name."""
        number = self._numbers.setdefault(value, len(self._numbers))
        if name is not None and number not in self.names:
            self.names[number] = self._free(name)
        return f"{self.salted}{number}_"

    @cached_property
    def tokens(self) -> re.Pattern[str]:
        """What finds a token, and in its group 1 the number of the variable."""
        return re.compile(rf"{self.salted}(\d+)_")

    def overwrote(self, payload: str | bytes) -> bool:
        """Say whether a binary body held a secret: no variable fits there, and so a part of a token stands for it."""
        return isinstance(payload, bytes) and self.salted[:8].encode() in payload

    def name(self, number: int) -> str:
        """Return the name of a variable."""
        return self.names.setdefault(number, self._free("SECRET"))

    def _free(self, name: str) -> str:
        name = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "SECRET"
        if name in _OF_SHELLS or name[0].isdigit():
            name = f"SECRET_{name}"
        taken = set(self.names.values())
        return next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if one not in taken)


class Variabled:
    """Replaces secrets by variables, cassette by cassette."""

    def __init__(self) -> None:
        self._plan = default_plan()
        self.variables = Variables.like(self._plan.placeholders)
        self._plan.placeholders = self.variables
        self._shapes = ShapeDetector(SHAPES)

    def clean(self, loaded: Loaded) -> Cleaned:
        """Return a cassette whose requests have tokens of variables for secrets; raises `EditError` as `redacted` does.

        Its responses stay as they are: no command holds them.
        """
        interactions = loaded.cassette.interactions
        heard: list[tuple[int, str, str]] = []

        def hear(spot: Spot, secret: "Secret") -> None:
            index = spot.place.interaction
            url = "" if index is None else interactions[index].request.url
            heard.append((*self._name(secret, url, is_header=spot.place.kind == "header"), secret.value))

        cleaned = _cleaned(loaded, self._plan, masked=True, responses=False, heard=hear)
        for _, name, value in sorted(heard, key=lambda one: one[0]):
            self.variables.token(value, name)
        return cleaned

    def _name(self, secret: "Secret", url: str, *, is_header: bool) -> tuple[int, str]:
        """Return a name for a secret, and how little it is worth beside others: 0 for the best."""
        rule = secret.rule
        if not rule.pattern:  # a value under a name may tell by its looks whose it is
            shapes = (match.rule for match in self._shapes.find(secret.value) if match.rule.level == "secrets")
            rule = next(shapes, rule)
        if rule.pattern and not rule.of_user:
            return 0, named_after(rule.name, rule.about)
        opens = secret.key.lower() == "authorization" or rule.name == "api-key"
        if is_header and opens and (name := of_host(url)):
            return 1, name
        return 2, secret.key or rule.name


def named_after(name: str, about: str) -> str:
    """Return the name of a variable for what a rule finds, as in OPENAI_API_KEY."""
    folded = name.upper().replace("-", "_")
    if _LIKE.search(folded):
        return folded
    ending = "API_KEY" if "key" in about.lower() else "TOKEN" if "token" in about.lower() else "SECRET"
    return f"{folded}_{ending}"


def of_host(url: str) -> str:
    """Return the name of a variable for the key of a host, "" where the host says nothing."""
    labels = host_of(url).split(".")
    if len(labels) < 2 or all(label.isdecimal() for label in labels):
        return ""
    telling = [label for label in labels[:-1] if label not in _COMMON and not _REGION.fullmatch(label)]
    return named_after(telling[-1], "API key") if telling else ""

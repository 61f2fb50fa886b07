"""What is known of a name: every kind of thing that has one, from the table that it stands in."""

import fnmatch
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from cassette_cli import config, schemas
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.explain.notes import NOTES
from cassette_cli.operations.explain.terms import TERMS
from cassette_cli.operations.nearest import folded, hint

if TYPE_CHECKING:
    from cassette_cli.operations.redact.rules.explaining import Described

_DOCS = "https://github.com/cassette-cli/cassette-cli/blob/main/cli/docs"
_PAGES = {name: name for name in "ls show grep stats diff redact trim export unused html why explain git".split()} | {
    "protocols": "protocols",
    "check": "checks",
    "rules": "redact",
    "schema": "json",
    **dict.fromkeys(("edit", "set", "rm", "keep", "split", "join", "decode"), "edit"),
}
"""The pages of the documentation, by the verbs that they describe."""
_LONGEST = 90
"""Characters of a sample that are shown."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a name means: its kind, a line, a paragraph, facts by name, and an example.

    `words` are other names for it. `finds` says whether a sentence that was printed is of its kind.
    """

    kind: str
    name: str
    about: str
    text: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    example: Sequence[str] = ()
    words: Sequence[str] = ()
    finds: Callable[[str], bool] | None = field(default=None, compare=False, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as `explain --json` prints it."""
        return {
            "kind": self.kind, "name": self.name, "words": list(self.words), "about": self.about, "text": self.text,
            "facts": self.facts, "example": list(self.example),
        }  # fmt: skip


def explain(words: Sequence[str], verbs: Iterable[Explanation] = ()) -> list[Explanation]:
    """Return all that a name or glob stands for, or else the notes that have a sentence or word.

    Several words are one name or sentence, or else a name each. Raises `UsageError` with the nearest names where there
    is nothing. `verbs` are explained, too.
    """
    every = [*everything(), *verbs]
    asked = " ".join(words)
    if not asked.strip():
        raise UsageError("no name is given", hint="`cassette explain` lists all that has a name")
    found = _found(asked, every)
    if not found and len(words) > 1:
        each = [_found(word, every) for word in words]
        found = [one for part in each for one in part] if all(each) else []
    if not found:
        names = (name for one in every for name in (one.name, *one.words))
        raise UsageError(
            f"nothing is called {asked!r}", hint=hint(asked, names, "`cassette explain` lists all that has a name")
        )
    return found


def _found(asked: str, every: Sequence[Explanation]) -> list[Explanation]:
    named = [one for one in every if _is_named(one, asked)]
    return named or [one for one in every if one.finds is not None and one.finds(asked)]


def _is_named(one: Explanation, asked: str) -> bool:
    wanted = folded(asked)
    return any(fnmatch.fnmatchcase(folded(name), wanted) for name in (one.name, *one.words))


def everything() -> Iterator[Explanation]:
    """Yield all that has a name, kind by kind."""
    looking = _checks, _redaction, _levels, _volatile, _changes
    reading = _protocols, _framings, _recorders
    for kind in (*looking, *reading, _settings, _notes, _terms):
        yield from kind()


def _checks() -> Iterator[Explanation]:
    from cassette_cli.operations.check.codes import CHECKS

    for one in CHECKS:
        facts = {"severity": one.severity, "default": "on" if one.default else "off"}
        yield Explanation("check", one.code, f"{one.name}: {one.about}", one.why, facts, (one.example,), (one.name,))


def _redaction() -> Iterator[Explanation]:
    from cassette_cli.operations.redact.detect.detectors import Detectors
    from cassette_cli.operations.redact.options import Given, detectors_of
    from cassette_cli.operations.redact.rules.explaining import described

    try:
        detectors = detectors_of(config.section("redact"), Given())
    except CassetteError:  # `cassette redact` says what is wrong with the settings
        detectors = Detectors()
    return map(of_rule, described(detectors))


def of_rule(one: "Described") -> Explanation:
    """Return what a rule of `redact` means."""
    rule = one.rule
    facts = {"level": rule.level + ("" if one.used else ", off"), "matches": one.where}
    if rule.pattern:
        facts["regex"] = rule.pattern
    shown = [f"found: {_sample(text)}" for text in rule.samples[:1]]
    shown += [f"not:   {_sample(text)}" for text in rule.counterexamples[:1]]
    return Explanation("redaction rule", rule.name, rule.about, facts=facts, example=shown)


def _sample(text: str) -> str:
    line = " ".join(text.replace("{~}", "").split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _levels() -> Iterator[Explanation]:
    from cassette_cli.operations.redact.detect.detectors import DEFAULT_LEVELS
    from cassette_cli.operations.redact.rules.rule import LEVEL_ABOUTS

    for name, about in LEVEL_ABOUTS.items():
        facts = {"default": "on" if name in DEFAULT_LEVELS else "off"}
        text = f"A level of `cassette redact`: `cassette rules --level {name}` lists its rules."
        yield Explanation("redaction level", name, about, text, facts, (f"cassette redact --check --level {name} .",))


def _volatile() -> Iterator[Explanation]:
    from cassette_cli.operations.volatile import RULES

    for one in RULES:
        facts = {}
        if one.headers:
            facts["headers"] = ", ".join(one.headers)
        if one.keys:
            facts["keys"] = ", ".join(one.keys)
        text = "A rule for what differs on every recording: `cassette diff` counts it and does not call it a change."
        if one.headers or one.keys:
            text += " It judges the values under these names, too, so that what is no such value is a change."
        text += f" `--strict {one.name}` makes it one." if one.name != "ignored" else ""
        if one.dropped and one.headers:
            text += " `cassette trim --headers volatile` drops the headers."
        yield Explanation("volatile rule", one.name, one.about, text, facts, (one.example,))


def _changes() -> Iterator[Explanation]:
    from cassette_cli.operations.diff.summary import CATEGORY_ABOUTS

    for name, about in CATEGORY_ABOUTS.items():
        text = "A category of changes of `cassette diff`, for --only, --except and --fail-on."
        yield Explanation("change", name, about, text, {}, (f"cassette diff --only {name} old.yaml new.yaml",))


def _protocols() -> Iterator[Explanation]:
    from cassette_cli.providers.base import StreamProtocol
    from cassette_cli.providers.registry import PROTOCOLS

    for one in PROTOCOLS:
        kind = type(one)
        facts = {"claims": one.about}
        if one.paths:
            facts["paths"] = ", ".join(one.paths)
        facts["tokens"] = f"in: {', '.join(one.usage.input)}; out: {', '.join(one.usage.output)}"
        dropped = ["empty deltas"] if kind.empties is not StreamProtocol.empties else []
        dropped += [f"padding in {', '.join(one.padding)}"] if one.padding else []
        dropped += ["deltas merge (--coalesce)"] if one.coalescing else []
        facts["trim"] = ", ".join(dropped) or "nothing"
        where = f"POST https://…{one.paths[0]}" if one.paths else f"--protocol {one.name}"
        example = (
            (f"cassette show -r chat.yaml#0    # {where}",) if one.paths else (f"cassette show -r {where} a.yaml#0",)
        )
        yield Explanation("protocol", one.name, *_documented(kind.__module__, one.about), facts, example)


def _framings() -> Iterator[Explanation]:
    from cassette_cli.streams.framing import FRAMINGS

    for one in FRAMINGS:
        text = ". ".join(_documented(one.__name__, ""))  # type: ignore[attr-defined]  # a framing is a module
        yield Explanation("framing", one.NAME, one.ABOUT, text, {}, one.EXAMPLE.split("\n"))


def _documented(module: str, about: str) -> tuple[str, str]:
    """Return the first line of a module's docstring, and the rest in one paragraph; `about` where there is none."""
    first, _, rest = (sys.modules[module].__doc__ or about).strip().partition("\n")
    return first.rstrip("."), " ".join(rest.split())


def _recorders() -> Iterator[Explanation]:
    from cassette_cli.formats import registry, unsupported

    for one in registry.FORMATS:
        about, text = _documented(type(one).__module__, f"The files of {one.recorder}.")
        facts = {
            "reads": _plain(one.files),
            "edits": "yes" if one.editable else "no",
            "files": ", ".join(registry.suffixes_of(one)),
        }
        rules = dict.fromkeys(", ".join(one.matching(label).names) for label in one.versions or (one.name,))
        facts["matches by"] = "; or ".join(filter(None, rules)) or "nothing that was recorded"
        facts["source"] = one.source
        example = (f"cassette ls --input-format {one.name} FILE",)
        words = [*dict.fromkeys((one.recorder, *one.recorder.split(", "), *one.versions))]
        yield Explanation("recorder", one.name, about, text, facts, example, words)
    told = {
        "recording": ("a recorder whose files are named and not read", "`cassette check` reports them as CAS012."),
        "matcher": (
            "a server of stubs",
            "Its files say what is answered to what, and record nothing: they are counted.",
        ),
    }
    for name, kind in {one.name: one.kind for one in unsupported.UNSUPPORTED}.items():
        about, text = told[kind]
        yield Explanation("recorder", name, about, text, {"reads": "nothing"}, ("cassette ls tests/",))


def _plain(markdown: str) -> str:
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)


def _settings() -> Iterator[Explanation]:
    for verb, table in json.loads(schemas.text("settings"))["properties"].items():
        for name, one in table.get("properties", {}).items():
            facts = {"default": json.dumps(one["default"]) if "default" in one else "not set"}
            text = (
                f"A setting of `cassette {verb}`, in pyproject.toml or .cassette.toml; the command line goes before it."
            )
            example = (f"[tool.cassette.{verb}]", f"{name} = {_value(one)}")
            yield Explanation("setting", f"{verb}.{name}", one["description"], text, facts, example, (name,))


def _value(setting: dict[str, Any]) -> str:
    """Return a value for a setting, as TOML has it: its default, or what changes it where that is a flag."""
    default = setting.get("default")
    if isinstance(default, bool):
        return json.dumps(not default)
    if default is not None or "enum" in setting:
        return json.dumps(setting["enum"][0] if default is None else default)
    kinds = [one.get("type") for one in (setting, *setting.get("anyOf", ()))]
    return '["…"]' if "array" in kinds else '{ … = "…" }' if "object" in kinds else '"…"'


def _notes() -> Iterator[Explanation]:
    for one in NOTES:
        finds = partial(_holds, one.is_found, one.example)
        yield Explanation("note", one.name, one.example, one.text, {}, (), one.words, finds)


def _holds(found: Callable[[str], bool], example: str, asked: str) -> bool:
    """Say whether a sentence is a note of a kind, or whole words of its example."""
    return found(asked) or re.search(rf"(?<!\w){re.escape(asked.strip())}(?!\w)", example, re.IGNORECASE) is not None


def _terms() -> Iterator[Explanation]:
    for one in TERMS:
        yield Explanation("word", one.name, one.about, example=(one.example,), words=one.words)


def of_verb(name: str, about: str, examples: Sequence[str]) -> Explanation:
    """Return what a verb of the command line does, and where it is described."""
    facts = {"help": f"cassette {name} --help"}
    if name in _PAGES:
        facts["page"] = f"{_DOCS}/{_PAGES[name]}.md"
    return Explanation("verb", name, about, "", facts, examples)

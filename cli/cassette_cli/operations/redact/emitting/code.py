"""Code for a recorder, made of a template and of what the rules say."""

import json
from collections.abc import Callable
from importlib import resources

from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.emitting.portable import (
    go,
    javascript,
    portable_names,
    portable_shapes,
    python,
    ruby,
)
from cassette_cli.operations.redact.rules.rule import Rule

_FILES = {
    "vcrpy": "vcrpy.py.txt",
    "pytest-recording": "pytest-recording.py.txt",
    "betamax": "betamax.py.txt",
    "ruby-vcr": "ruby-vcr.rb.txt",
    "go-vcr": "go-vcr.go.txt",
    "polly": "polly.js.txt",
}
RECORDERS = tuple(_FILES)
_SAID_BY: dict[str, Callable[[Rule], str | None]] = {"ruby-vcr": ruby, "go-vcr": go, "polly": javascript}


def code(recorder: str, detectors: Detectors, placeholder: str) -> str:
    """Return a file that has a recorder, one of `RECORDERS`, write the placeholders of `cassette redact`."""
    say = _SAID_BY.get(recorder, python)
    rules = portable_shapes(detectors)
    patterns = [(rule, text) for rule in rules if (text := say(rule)) is not None]
    names = portable_names(detectors)
    text = _template(_FILES[recorder]).replace("@VCRPY@", _without_opening(_template("vcrpy.py.txt")))
    text = text.replace("@CORE@", _template("core.py.txt").rstrip("\n"))
    text = text.replace("@PATTERNS@", "\n".join(_pattern(recorder, rule, text) for rule, text in patterns))
    text = text.replace("@LEFT_OUT@", str(len(rules) - len(patterns))).replace("@PLACEHOLDER@", _quoted(placeholder))
    for field in names._fields:
        text = text.replace(f"@{field.upper()}@", _quoted(" ".join(getattr(names, field))))
    opening = "//" if recorder in ("go-vcr", "polly") else "#"
    return f"{opening} Made by `cassette rules --emit {recorder}`: make it anew after an update.\n{text}"


def _template(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _without_opening(text: str) -> str:
    """Return a template without the comment that it opens with."""
    lines = text.split("\n")
    return "\n".join(lines[next(number for number, line in enumerate(lines) if not line.startswith("#")) :]).rstrip(
        "\n"
    )


def _quoted(text: str) -> str:
    """Return a string as Python, Ruby, JavaScript and Go write it."""
    return json.dumps(text, ensure_ascii=False)


def _pattern(recorder: str, rule: Rule, text: str) -> str:
    if recorder == "ruby-vcr":
        single = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"    Regexp.new('{single}'),  # {rule.name}"
    if recorder == "go-vcr":
        return f"\t\t{_quoted(text)}, // {rule.name}"
    if recorder == "polly":
        return f"  {_quoted(text)}, // {rule.name}"
    return f"        {_quoted(text)},  # {rule.name}"

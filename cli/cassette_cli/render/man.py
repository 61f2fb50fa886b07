"""The manual page, made from the help of the verbs: what `man -l` and a packager of a distribution read.

The macros are those of man(7).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cassette_cli import __version__

_SYNTAX = re.compile(r"^[.']", re.MULTILINE)
_ABOUT = "read, explain, clean, compare and edit recorded HTTP"
_DESCRIPTION = (
    "A cassette is a file in which a test suite recorded HTTP. The verbs below work on single cassettes, on folders"
    " and, where a name ends with #N, on one interaction."
)
_EXITS = "0: done. 1: something was found. 2: trouble. 130: interrupted. Each verb says more."


class Section(NamedTuple):
    """A verb in the page: the command that Typer made for it, its group in the help, its examples, its exit codes."""

    command: Any
    group: str
    examples: Sequence[str]
    exits: str


Option = tuple[str, str]
"""How an option is written, and what it does."""


def page(sections: Sequence[Section]) -> str:
    """Return the manual page of the verbs; an option that most of them share is told once."""
    uses = Counter(option for one in sections for option in set(_options(one.command)))
    shared = [option for option, count in uses.items() if count * 2 > len(sections)]
    lines = [
        f'.TH CASSETTE 1 "" "cassette {__version__}" "User Commands"',
        ".SH NAME", f"cassette \\- {_ABOUT}",
        ".SH SYNOPSIS", r".B cassette", r"\fIVERB\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        *_prose(_DESCRIPTION),
    ]  # fmt: skip
    for group in dict.fromkeys(one.group for one in sections):
        lines.append(f".SH {_quoted(group.upper())}")
        for one in sections:
            if one.group == group:
                lines += _verb(one, shared)
    lines += [".SH OPTIONS OF MOST VERBS", *_told(sorted(shared))]
    lines += [".SH EXIT STATUS", *_prose(_EXITS)]
    lines += [".SH SEE ALSO", ".BR git (1),", ".BR jq (1)"]
    return "\n".join(lines) + "\n"


def _verb(section: Section, shared: Sequence[Option]) -> Iterator[str]:
    command = section.command
    yield f".SS {_quoted('cassette ' + command.name)}"
    yield from _prose(command.help or "")
    for inner in getattr(command, "commands", {}).values():
        yield from (".TP", rf"\fBcassette {_inert(command.name)} {_inert(inner.name)}\fR", *_prose(inner.help or ""))
    yield from _told([option for option in _options(command) if option not in shared])
    if section.examples:
        yield from (".PP", "Examples:", ".PP", ".nf", ".RS", *map(_inert, section.examples), ".RE", ".fi")
    yield from (".PP", f"Exit status: {_inert(section.exits)}")


def _options(command: Any) -> list[Option]:
    """Return how the options and arguments of a command are written, and what they do."""
    import click

    context = click.Context(command)
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    return [(record[0].strip(), " ".join(record[1].split())) for record in records if record]


def _told(options: Sequence[Option]) -> Iterator[str]:
    for names, what in options:
        yield from (".TP", rf"\fB{_inert(names)}\fR", _inert(what))


def _prose(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (".PP", _inert(" ".join(paragraph.split())))


def _inert(text: str) -> str:
    """Return text that troff prints as it stands, in ASCII."""
    text = _SYNTAX.sub(r"\\&\g<0>", text.replace("\\", r"\e").replace("-", r"\-"))
    return "".join(one if one.isascii() else rf"\[u{ord(one):04X}]" for one in text)


def _quoted(text: str) -> str:
    return '"' + _inert(text).replace('"', r"\(dq") + '"'

"""The Typer app: the verbs, each imported when it is called.

A verb is a module of `commands` with a function `command` (or a Typer app of that name, for a group), and a row of
`VERBS`. A module that parses its arguments in a way of its own has a class `Command`.
"""

import importlib
import inspect
import sys
from shutil import get_terminal_size
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from cassette_cli import __version__

_LOOK = "Look"
_COMPARE = "Compare"
_CLEAN = "Clean"
_EDIT = "Edit"
_SHARE = "Hand on"
_SUITE = "A test suite"
_SET_UP = "Set up"

_READS = "0 done, 2 usage error or a file that could not be read."
_EDITS = "0 done, 1 --check found something to do, 2 usage error or a file that could not be read or written."
_WRITES = "0 done, 2 usage error or a file that could not be read or written."


class Verb(NamedTuple):
    """A row of the help: the verb, its group, what it does in one line, examples, and its exit codes."""

    name: str
    group: str
    about: str
    examples: tuple[str, ...] = ()
    exits: str = _READS
    hidden: bool = False

    @property
    def epilog(self) -> str:
        r"""The end of the verb's help, as Typer takes it: `\b` keeps the lines of a paragraph."""
        shown = ["\b\n" + "\n".join(["Examples:", *(f"  {one}" for one in self.examples)])] if self.examples else []
        return "\n\n".join([*shown, f"Exit codes: {self.exits}"]).replace("[", r"\[")


VERBS = (
    Verb(
        "ls", _LOOK, "List interactions: URL, status, model, frames, tokens.",
        ("cassette ls tests/cassettes", "cassette ls --status 4xx --json tests/", "cassette ls --sort size tests/"),
    ),
    Verb(
        "show", _LOOK, "Show requests and responses decoded, and streamed answers as text.",
        ("cassette show -r chat.yaml", "cassette show chat.yaml#2 --headers", "cassette show --json -r chat.yaml"),
    ),
    Verb(
        "grep", _LOOK, "Search URLs, headers, bodies and answers, also of streams.",
        ("cassette grep 'high water' tests/cassettes", "cassette grep -iw --in request,text tide chat.yaml",
         "cassette grep -l -F 'rate_limit_error' tests/"),
        "0 found, 1 not found, 2 usage error, or something could not be read or searched.",
    ),
    Verb(
        "stats", _LOOK, "Add up what a suite holds: calls, bytes, tokens, durations, age.",
        ("cassette stats tests/cassettes", "cassette stats --by model tests/", "cassette stats --csv > stats.csv"),
    ),
    Verb(
        "diff", _COMPARE, "Show what changed between two recordings, by meaning.",
        ("cassette diff old.yaml new.yaml", "cassette diff --summary HEAD~1 -- tests/", "cassette diff --staged"),
        "0 done, 1 --exit-code or --fail-on found a change, 2 usage error or a file that could not be read.",
    ),
    Verb(
        "redact", _CLEAN, "Replace secrets in URLs, headers and bodies, under every encoding.",
        ("cassette redact tests/cassettes", "cassette redact --check --level all .", "cassette redact --diff a.yaml"),
        "0 done, 1 --check found a secret, or something could not be looked into,"
        " 2 usage error or a file that could not be read or written.",
    ),
    Verb(
        "trim", _CLEAN, "Drop what no client sees: empty deltas, padding, pings.",
        ("cassette trim tests/cassettes", "cassette trim --all --coalesce a.yaml", "cassette trim --check tests/"),
        _EDITS,
    ),
    Verb(
        "edit", _EDIT, "Change a body, a streamed answer or headers in your editor, or by a filter.",
        ("cassette edit chat.yaml#0", "cassette edit chat.yaml#0 --message",
         "cassette edit chat.yaml --with 'jq \".id = 1\"' --diff"),
        _EDITS,
    ),
    Verb(
        "set", _EDIT, "Set status, headers, JSON or the words of an answer from the command line.",
        ("cassette set chat.yaml#0 status=429 header:retry-after=1",
         "cassette set chat.yaml#0 'body:$.error.code=\"busy\"' header:date-",
         "cassette set chat.yaml#1 text='Hello' finish=stop"),
        _EDITS,
    ),
    Verb(
        "rm", _EDIT, "Remove interactions.",
        ("cassette rm chat.yaml#2,4-6", "cassette rm tests/cassettes --status 429", "cassette rm chat.yaml#3 --diff"),
        _EDITS,
    ),
    Verb(
        "keep", _EDIT, "Remove all interactions but these.",
        ("cassette keep chat.yaml#0,3", "cassette keep chat.yaml --host api.example.com -o small.yaml"),
        _EDITS,
    ),
    Verb(
        "split", _EDIT, "Write a cassette as several.",
        ("cassette split chat.yaml -o chat/", "cassette split all.yaml --by host -o by-host/"),
        _WRITES,
    ),
    Verb(
        "join", _EDIT, "Write several cassettes as one.",
        ("cassette join chat/*.yaml -o chat.yaml",),
        _WRITES,
    ),
    Verb(
        "decode", _EDIT, "Store compressed and base64 bodies as text.",
        ("cassette decode tests/cassettes", "cassette decode --check tests/", "cassette decode --pretty --diff a.yaml"),
        "0 done, 1 --check found something to do, or a body could not be looked into,"
        " 2 usage error or a file that could not be read or written.",
    ),
    Verb(
        "export", _SHARE, "Write interactions as HAR, curl commands or conversations.",
        ("cassette export har tests/cassettes -o all.har", "cassette export curl chat.yaml#0",
         "cassette export messages tests/ -o conversations.jsonl"),
        "0 done, 1 something was left out (other than what is not a conversation) or not searched for secrets,"
        " 2 usage error or a file that could not be read or written.",
    ),
    Verb(
        "check", _SUITE, "Find faults: secrets, cut streams, recorded errors, old or broken recordings.",
        ("cassette check tests/cassettes", "cassette check --select CAS003 .",
         "cassette check --baseline known-faults.json ."),
        "0 no fault, 1 a fault (so is a file that cannot be read), 2 usage error or a path that does not exist.",
    ),
    Verb(
        "unused", _SUITE, "List cassettes that no test plays.",
        ("cassette unused tests/cassettes -- pytest", "cassette unused tests/cassettes",
         "cassette unused tests/cassettes --used-log shard-1.jsonl --used-log shard-2.jsonl --rm"),
        "0 every cassette is used, or --rm removed the others, 1 some are unused, or could not be decided,"
        " 2 usage error, a command that failed, or a file that could not be read or removed.",
    ),
    Verb(
        "html", _SUITE, "Make a page of a whole suite: a list to search and filter, every interaction readable.",
        ("cassette html tests/cassettes -o suite.html", "cassette html tests/ -o site/cassettes/",
         "cassette html tests/ --status 4xx -o errors.html --force"),
        _WRITES,
    ),
    Verb(
        "why", _SUITE, "Say why a request finds no recording: the nearest one, and what differs.",
        ("cassette why chat.yaml request.txt", "pytest | cassette why tests/cassettes",
         "cassette why chat.yaml 'curl https://api.example.com/v1/models' --match method,uri,headers"),
        "0 a recording matches, 1 none does, 2 usage error or a file that could not be read.",
    ),
    Verb(
        "rules", _SET_UP, "List what `redact` looks for.",
        ("cassette rules", "cassette rules --level pii"),
        "0 done, 2 usage error.",
    ),
    Verb(
        "explain", _SET_UP, "Say what a code, rule, protocol, recorder, verb, note or word means.",
        ("cassette explain CAS004", "cassette explain openai-chat", "cassette explain 'the body is stored plain'"),
        "0 done, 2 usage error, or nothing has this name.",
    ),
    Verb(
        "schema", _SET_UP, "Print the JSON Schema of an output, or of the settings.",
        ("cassette schema", "cassette schema show"),
        "0 done, 2 usage error.",
    ),
    Verb("protocols", _SET_UP, "List the streams that `show -r` rebuilds.", ("cassette protocols",), "0 done."),
    Verb(
        "git", _SET_UP, "Have `git diff` and `git log -p` compare cassettes by meaning.",
        ("cassette git install", "cassette git status"),
        "0 done, 1 `status` found it not working, 2 usage error.",
    ),
    Verb("skill", _SET_UP, "Print a guide for coding agents.", ("cassette skill >> AGENTS.md",), "0 done."),
    Verb("textconv", _SET_UP, "Print a cassette as stable text, for git.", (), "always 0.", hidden=True),
)  # fmt: skip
"""The verbs in the order of the help."""

_BY_NAME = {verb.name: verb for verb in VERBS}
_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


class _Verbs(TyperGroup):
    """A group whose help is made from the table, and which imports a verb when it is called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for verb in VERBS:
            row = TyperCommand(
                verb.name, help=verb.about, epilog=verb.epilog, rich_help_panel=verb.group, hidden=verb.hidden
            )
            self.add_command(row)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of all verbs."""
        from cassette_cli.render import overview
        from cassette_cli.render.output import Color, wants_color

        options: list[overview.Row] = [
            (", ".join(sorted(one.opts, key=len, reverse=True)), getattr(one, "help", ""))
            for one in self.get_params(ctx)
        ]
        panels: dict[str, list[overview.Row]] = {"Options": options}
        for verb in VERBS:
            if not verb.hidden:
                panels.setdefault(verb.group, []).append((verb.name, verb.about))
        ctx.color = wants_color(Color.AUTO, sys.stdout)
        usage, about = self.get_usage(ctx).partition(" ")[2], self.help or ""
        width = get_terminal_size().columns
        lines = overview.page(usage, about, panels, self.epilog or "", width=width, styled=ctx.color)
        formatter.write("\n".join(lines))

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs, in the order of the table."""
        del ctx
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the verb that is called, imported."""
        name, row, rest = super().resolve_command(ctx, args)
        return name, row and _imported(_BY_NAME[str(row.name)]), rest


def _imported(verb: Verb) -> Any:
    module = importlib.import_module(f"cassette_cli.commands.{verb.name.replace('-', '_')}")
    app = typer.Typer(add_completion=False)
    if isinstance(module.command, typer.Typer):
        app.add_typer(module.command, name=verb.name, epilog=verb.epilog, context_settings=_HELP_NAMES)
        group: Any = typer.main.get_command(app)
        return group.commands[verb.name]
    own = getattr(module, "Command", None)
    about = _flowing(module.command.__doc__ or "")
    app.command(verb.name, cls=own, help=about, epilog=verb.epilog, context_settings=_HELP_NAMES)(module.command)
    return typer.main.get_command(app)


def _flowing(text: str) -> str:
    """Return the paragraphs of a docstring, each on one line: Typer keeps the breaks of all but the first."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"cassette {__version__}\n")
        raise typer.Exit


def _man(value: bool) -> None:
    if value:
        from cassette_cli.render import man

        shown = [verb for verb in VERBS if not verb.hidden]
        sections = [man.Section(_imported(verb), verb.group, verb.examples, verb.exits) for verb in shown]
        sys.stdout.write(man.page(sections))
        raise typer.Exit


app = typer.Typer(
    cls=_Verbs,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings=_HELP_NAMES,
    epilog="Run `cassette VERB --help` for the options of a verb, with examples.",
)


@app.callback()
def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    man: Annotated[
        bool, typer.Option("--man", callback=_man, is_eager=True, help="Print the manual page and exit.")
    ] = False,
) -> None:
    """Read, explain, clean, compare and edit cassettes: HTTP recorded by go-vcr, VCR.py, VCR, Betamax and others."""
    del version, man
    if ctx.invoked_subcommand is None:
        sys.stdout.write(f"{ctx.get_help()}\n")

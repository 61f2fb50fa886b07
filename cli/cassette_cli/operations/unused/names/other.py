"""JavaScript, PHP, Elixir, R, the JVM, .NET and Rust: strings, and the names given to their recorders."""

import re
from collections.abc import Iterable
from typing import Final

from cassette_cli.operations.unused.names import textual
from cassette_cli.operations.unused.names.base import Source
from cassette_cli.operations.unused.names.textual import Syntax, TextSource

_SYNTAX: Final = Syntax(
    token=re.compile(
        r"(?P<comment>/\*.*?\*/|(?<![:\"'`])//[^\n]*|^\s*#[^\n]*)"
        r"|(?P<raw>\"\"\".*?\"\"\"|`(?:[^`\\]|\\.)*`)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
        re.DOTALL | re.MULTILINE,
    ),
    calls=re.compile(
        r"(?:\b(?:use|insert|with|load|play)_?[cC]assette|\bnock\.?[bB]ack|\bnew Polly|\bVCR::insertCassette"
        r"|\bsetCassette|\bwithTape|\binsertTape)\s*\(?\s*|@(?:vcr|Betamax\(tape\s*=)\s*"
    ),
    tests=re.compile(
        r"currentTestName|getName\(\)|this\.test|\bcontext\.test\b|__FUNCTION__|__METHOD__|\btask\.name\b"
    ),
    functions=re.compile(
        r"^[^\n\S]*(?:[\w ]*\bfunction\s+|def\s+|defp\s+|fn\s+|fun\s+|(?:const|let)\s+)?(?P<name>\w+)"
        r"(?:\s*(?:=|<-)\s*(?:async\s*)?(?:function)?)?\s*\((?P<parameters>[^()]*)\)\s*(?:\{|do\b|=>|:|->)",
        re.MULTILINE,
    ),
    joins=re.compile(r"(?:path\.(?:join|resolve)|Path\.(?:join|Combine)|file\.path|Paths\.get)\("),
    formats=re.compile(r"(?:sprintf|String\.format|format|util\.format|string\.Format)\("),
    hole=re.compile(r"[#$]\{([^{}]*)\}"),
    plus=("+", "<>"),
    words=re.compile(r"cassette|vcr|nock|polly|tape|betamax|replay|fixture|record", re.IGNORECASE),
)
_TEST: Final = re.compile(r"^test|Test$")


def read(path: str, text: str) -> Source:
    """Read the strings of a source."""
    return textual.read(path, text, _SYNTAX)


def link(sources: Iterable[Source]) -> None:
    """Find the names that are given to cassettes."""
    own = [one for one in sources if isinstance(one, TextSource) and one.syntax is _SYNTAX]
    for source, name in textual.names(own, is_test=_TEST):
        source.names.append(name)

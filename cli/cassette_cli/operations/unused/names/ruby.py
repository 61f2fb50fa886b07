"""Ruby: names given to VCR, and RSpec's examples, after whose descriptions VCR names cassettes.

Names are those of VCR (`lib/vcr/test_frameworks/rspec.rb`, `lib/vcr/cassette/persisters/file_system.rb`), descriptions
those of RSpec (`rspec/core/metadata.rb`, `build_description_from`). The nesting of groups is read from the indentation;
a file that is indented otherwise says so.
"""

import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cassette_cli.operations.unused.names import textual
from cassette_cli.operations.unused.names.base import Hole, Name, Place, Source, Test
from cassette_cli.operations.unused.names.textual import Syntax, TextSource

_SYNTAX: Final = Syntax(
    token=re.compile(
        r"(?P<comment>^=begin\b.*?^=end\b[^\n]*|^__END__$.*|(?:^|(?<=[\s;]))#(?!\{)[^\n]*)"
        r"|(?P<raw>`[^`\n]*`)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
        re.DOTALL | re.MULTILINE,
    ),
    calls=re.compile(r"\b(?:use|insert|with)_cassettes?[ (]\s*|\bcassette_name(?::|\s*=>)\s*"),
    tests=re.compile(r"description|\.metadata|method_name|__method__|\bexample\b|self\.class|\bspec\.name\b|^name$"),
    functions=re.compile(
        r"^[ \t]*def\s+(?:self\.)?(?P<name>\w+[?!]?)(?:[ (](?P<parameters>[^()\n]*)\)?)?", re.MULTILINE
    ),
    joins=re.compile(r"File\.(?:join|expand_path)\("),
    formats=re.compile(r"(?:sprintf|format)\("),
    hole=re.compile(r"#\{([^{}]*)\}"),
    plus=("+",),
    words=re.compile(r"vcr|cassette|describe|context|shared_examples", re.IGNORECASE),
)
_GROUPS: Final = r"[xf]?describe|[xf]?context|feature|example_group"
_SHARED: Final = r"shared_examples_for|shared_examples|shared_context"
_INCLUDED: Final = r"it_behaves_like|it_should_behave_like|include_examples|include_context"
_EXAMPLES: Final = r"[xf]?it|[xf]?specify|[xf]?example|[xf]?scenario|its|pending|skip|focus"
_OPENING: Final = re.compile(
    rf"^(?P<indent>[ \t]*)(?:RSpec\.|::RSpec\.)?(?:(?P<group>{_GROUPS})|(?P<shared>{_SHARED})|(?P<included>{_INCLUDED})"
    rf"|(?P<example>{_EXAMPLES}))(?=[\s({{])[ (]*(?P<rest>[^\n]*(?:(?<=[,\\(])\n[^\n]*)*)",
    re.MULTILINE,
)
_END: Final = re.compile(r"^(?P<indent>[ \t]*)end\b", re.MULTILINE)
_LOOP: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?P<over>\[[^\]]*\]|%[wi][\[({][^\])}]*[\])}]|[A-Z]\w*)(?:\.freeze)?\.each(?:_with_index)?\s*"
    r"(?:do|\{)\s*\|\(?(?P<name>\w+)", re.MULTILINE,
)  # fmt: skip
_BLOCK: Final = re.compile(r"^(?P<indent>[ \t]*)\S.*\bdo(?:\s*\|[^|\n]*\|)?[ \t]*$")
_WORDS: Final = re.compile(r"%[wiWI][\[({<]([^\])}>]*)[\])}>]")
_TAG: Final = re.compile(r":vcr\b(?!\s*=>)|(?:\bvcr:|:vcr\s*=>)(?!\s*(?:false|nil))")
_UNTAG: Final = re.compile(r"\bvcr:\s*(?:false|nil)|:vcr\s*=>\s*(?:false|nil)")
_CASSETTE: Final = re.compile(r"\bcassette_name(?::|\s*=>)")
_TESTS: Final = re.compile(r"(^|/)(spec|specs|test|tests|features)/|_(spec|test)\.rb$")
_HEREDOC: Final = re.compile(r"<<[~-]?(['\"]?)([A-Z_]\w*)\1[^\n]*\n.*?^[ \t]*\2\b", re.DOTALL | re.MULTILINE)
_DEPTH: Final = 6
_MOST: Final = 400


@dataclass
class Node:
    """A group, a group of shared examples, or an example."""

    kind: str
    names: list[str]
    options: str
    line: int
    indent: int
    children: list["Node"] = field(default_factory=list)
    runs: bool = True


@dataclass
class RubySource(TextSource):
    """A source, and its groups as a tree."""

    nodes: list[Node] = field(default_factory=list)


def read(path: str, text: str) -> Source:
    """Read the strings of a source, and its groups and examples."""
    text = _HEREDOC.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    plain = textual.read(path, text, _SYNTAX)
    source = RubySource(**vars(plain))
    for found in _WORDS.finditer(source.code):
        for word in found[1].split():
            source.literals.setdefault(word, source.line(found.start()))
    for found in re.finditer(r"(?<![:\w]):(\w+)|\b(\w+):(?!:)", source.code) if source.plays else ():
        source.literals.setdefault(found[1] or found[2], source.line(found.start()))
    if _TESTS.search(path) and re.search(r"\b(describe|context|shared_examples|feature)\b", source.code):
        if _nested(source.code):
            source.nodes = _tree(source)
            source.described = {name for node in _all(source.nodes) for name in node.names}
        else:
            source.unread = "its groups are not indented as they nest"
    return source


def _nested(code: str) -> bool:
    """Say whether each group and example that opens a block with `do` has its `end` at the same indentation."""
    open_: list[int] = []
    starts = {found.start() for found in _OPENING.finditer(code)}
    at = 0
    for line in code.split("\n"):
        indent = len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())
        if line.strip() and open_ and indent <= open_[-1]:
            if indent < open_[-1] or re.match(r"(end|ensure|rescue|else)\b", line.strip()) is None:
                return False
            if re.match(r"end\b", line.strip()):
                open_.pop()
        elif at in starts and _BLOCK.match(line):
            open_.append(indent)
        at += len(line) + 1
    return not open_


def _tree(source: TextSource) -> list[Node]:
    top = Node("", [], "", 0, -1)
    stack = [top]
    ends = [(found.start(), found) for found in _END.finditer(source.code)]
    openings = [(found.start(), found) for found in _OPENING.finditer(source.code)]
    for _, found in sorted([*ends, *openings], key=operator.itemgetter(0)):
        indent = len(found["indent"].expandtabs(8))
        while stack[-1].indent >= indent:
            stack.pop()
        if found.re is _END:
            continue
        kind = next(name for name in ("group", "shared", "included", "example") if found[name])
        rest = re.sub(r"\\?\n", " ", found["rest"])
        names, options = _described(rest, kind, source, found.start())
        line = source.line(found.start())
        if kind == "included" and found["included"].startswith("include"):
            kind = "inlined"
        node = Node(kind, names, options, line, indent)
        node.runs = not (
            found["example"] in ("skip", "pending", "focus") and re.search(r"\bdo\b|(?<!#)\{", rest) is None
        )
        stack[-1].children.append(node)
        if re.search(r"\bdo\b|\{\s*(\||$)", rest):
            stack.append(node)
    return top.children


def _described(rest: str, kind: str, source: TextSource, at: int) -> tuple[list[str], str]:
    """Return the descriptions that a group or example may have, and its options; a hole stands as NUL."""
    words: list[list[str]] = []
    left = rest
    constant = False
    while left and not re.match(r"(do\b|\{|\)|:?vcr\b|\w+:[^:]|:\w+\s*=>|->|&)", left):
        argument = textual.argument(left, 0)
        if not argument or (words and re.match(r":\w+$", argument)):
            break
        told = _description(argument, source, at)
        begins = all(re.match(r"#|::|\.", one) for one in told)
        words.append([one if constant and begins else f" {one}" for one in told] if words else told)
        constant = re.match(r"[A-Z][\w:]*$", argument) is not None
        left = left[left.index(argument) + len(argument) :].lstrip(" ,") if argument in left else ""
        if kind in ("shared", "included", "example"):
            break
    names = [""]
    for each in words:
        names = [name + one for name in names for one in each][:_MOST]
    return names, left


def _description(argument: str, source: TextSource, at: int) -> list[str]:
    if re.match(r"(::)?[A-Z][\w:]*$", argument):
        return [argument.removeprefix("::")]
    given = textual.parts(argument, source, None)
    if all(isinstance(part, str) for part in given):
        return ["".join(map(str, given))]
    choices = _choices(argument, source, at)
    return choices or ["".join("\0" if isinstance(part, Hole) else part for part in given)]


def _choices(argument: str, source: TextSource, at: int) -> list[str]:
    """Return the descriptions that a loop over literal words makes; none where they are not all known."""
    holes = re.findall(r"#\{([^{}]*)\}", argument) or [argument]
    if len(set(holes)) != 1 or re.fullmatch(r"\w+", holes[0].strip()) is None:
        return []
    loops = [one for one in _LOOP.finditer(source.code, 0, at) if one["name"] == holes[0].strip()]
    over = loops[-1]["over"] if loops else ""
    if re.fullmatch(r"[A-Z]\w*", over):
        values = textual.assigned(over, source.code)
        over = values[0].removesuffix(".freeze") if len(values) == 1 else ""
    words: list[str] = []
    if over.startswith("%"):
        words = over[3:-1].split()
    elif over.startswith("["):
        rows = [row for row in textual.split(over[1:-1]) if row]
        if all(re.fullmatch(r"\"[^\"#]*\"|'[^']*'|:\w+|\d+", row) for row in rows):
            words = [row.strip("\"':") for row in rows]
    return [textual.unquoted(re.sub(r"#\{[^{}]*\}", word, argument)) if "#{" in argument else word for word in words]


def link(sources: Iterable[Source]) -> None:
    """Find the examples of all sources, and the names that are given to cassettes."""
    own = [one for one in sources if isinstance(one, TextSource) and one.syntax is _SYNTAX]
    for source, name in textual.names(own, is_test=re.compile(r"^test_")):
        source.names.append(name)
    rubies = [one for one in own if isinstance(one, RubySource)]
    shared: dict[str, list[Node]] = {}
    for one in rubies:
        for node in _all(one.nodes):
            if node.kind == "shared":
                for about in node.names:
                    shared.setdefault(about, []).append(node)
    derived = any("define_derived_metadata" in one.code and _TAG.search(one.code) for one in rubies)
    for one in rubies:
        for node in one.nodes:
            one.tests += _examples(node, one, [], derived, shared, 0)
        if re.search(r"cucumber_tags|use_scenario_name", one.code):
            one.names.append(Name((Hole.ANY,), Place(one.path, 1), "given to a tag of Cucumber"))


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _examples(
    node: Node, source: TextSource, above: list[str], tagged: bool | None, shared: dict[str, list[Node]], depth: int
) -> Iterator[Test]:
    """Yield the examples of a group, by the names that VCR gives to their cassettes."""
    if node.kind == "example" and not node.runs:
        return
    if depth > _DEPTH or (depth == 0 and node.kind in ("shared", "example")):
        return
    if _TAG.search(node.options):
        # What a variable holds may be a name of another kind.
        tagged = None if re.search(r"vcr(?::|\s*=>)\s*(?!true|\{|\s)\S", node.options) else True
    elif _UNTAG.search(node.options):
        tagged = False
    if _CASSETTE.search(node.options):
        tagged = False
    place = Place(source.path, node.line, None)
    if node.kind == "example":
        for name in node.names:
            whole = [*above, name or "\0"]
            told = " ".join(whole).replace("\0", "*")
            yield Test("/".join(map(written, whole)), place._replace(test=f"'{told}'"), tagged)
        return
    chains = [[*above, name] for name in node.names]
    children = node.children
    if node.kind in ("included", "inlined"):
        known = [each for name in node.names for each in shared.get(name, ())]
        children = [*children, *(child for each in known for child in each.children)]
        chains = [above] if node.kind == "inlined" else [[*above, _behaves(name)] for name in node.names]
    for chain in chains[:_MOST]:
        for child in children:
            yield from _examples(child, source, chain, tagged, shared, depth + 1)


def _behaves(name: str) -> str:
    return f"behaves like {name}"


def written(name: str) -> str:
    """Return a description as VCR writes it into a path."""
    return re.sub(r"[^\w\-/\0]+", "_", name)

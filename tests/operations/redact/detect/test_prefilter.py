"""The prefilter skips nothing in which a rule finds anything, however it is written."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from textwrap import indent
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.errors import CassetteError
from cassette_cli.formats import registry
from cassette_cli.operations.redact.detect import names
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.masking import MemoryLayer
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.scanning import Plan, Scan
from cassette_cli.operations.redact.texts.document import DocumentLayer
from cassette_cli.operations.redact.texts.text import Piece
from cassette_cli.source.document import Document

LEVELS = frozenset(("secrets", "ids", "volatile"))
DETECTORS = Detectors(LEVELS)
FILLER = "A text of some length, so that it takes longer to read than to look over. " * 4
WRITINGS = {
    "JSON": lambda text: json.dumps({"filler": FILLER, "content": text}),
    "a line of JSON": lambda text: json.dumps({"filler": FILLER, "content": f"Here it is:\n{text}\nAnd more."}),
    "a list of JSON": lambda text: json.dumps([FILLER, {"a": [{"b": text}]}]),
    "JSON in JSON": lambda text: json.dumps({"filler": FILLER, "arguments": json.dumps({"command": text})}),
    "JSON in a text in JSON": lambda text: json.dumps({"filler": FILLER, "t": "See " + json.dumps({"a": [text]})}),
    "JSON for HTML": lambda text: re.sub(
        "[&<>']", lambda one: f"\\u{ord(one[0]):04x}", json.dumps({"filler": FILLER, "content": f"<p>{text}</p>"})
    ),
    "JSON in ASCII": lambda text: json.dumps({"filler": FILLER, "content": f"– {text}"}),
}


def all_samples() -> Iterator[tuple[Rule, str]]:
    for rule in (*SHAPES, *names.RULES):
        if rule.level in LEVELS:
            yield from ((rule, sample.replace("{~}", "")) for sample in rule.samples)


def found(text: str, detectors: Detectors) -> list[tuple[str, str]]:
    """Return what is found in a text, by rule."""
    layer = MemoryLayer([Piece(text, 0)])
    scanned = Scan(Plan(detectors, Placeholders()), layer, text).run()
    return sorted({(one.match.rule.name, one.value) for one in scanned.found})


@pytest.fixture(scope="module")
def unfiltered() -> Detectors:
    """Detectors without a prefilter."""
    made = Detectors(LEVELS)
    made.__dict__["prefilter"] = None
    return made


@pytest.mark.parametrize("writing", WRITINGS)
def test_what_a_rule_finds_is_found_all_the_same(writing: str, unfiltered: Detectors) -> None:
    several = 0
    for rule, sample in all_samples():
        text = WRITINGS[writing](sample)
        expected = found(text, unfiltered)
        assert found(text, DETECTORS) == expected, (rule.name, sample)
        several += bool(expected)
    assert several > 400


@pytest.mark.parametrize("kind", ["whole", "headers", "params"])
def test_every_name_tells_as_a_key_and_in_a_query(kind: str) -> None:
    prefilter = DETECTORS.prefilter
    assert prefilter is not None
    for name, rule in getattr(names.tables(), kind).items():
        if name.isascii() and DETECTORS.counts(rule.rule):
            assert not prefilter.is_dull(json.dumps({"a": 1, name: "v"}))
            assert not prefilter.is_dull(f"see https://x.example/?b=1&{name}=v")


def govcr(headers: str = "", url: str = "https://api.example.com/v1", more: str = "") -> str:
    """Return a cassette of go-vcr with some lines of headers, and some more at its end."""
    return (
        "---\nversion: 2\ninteractions:\n- id: 0\n  request:\n    method: GET\n"
        f"    url: {url}\n    body: ''\n    headers:\n      Accept:\n      - application/json\n{headers}"
        "  response:\n    body: '{\"a\": 1}'\n    headers:\n      Server:\n      - nginx\n    code: 200\n" + more
    )


def har(headers: list[dict[str, str]], url: str = "https://api.example.com/v1", **more: object) -> str:
    request = {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": headers, "queryString": [], **more}
    response = {"status": 200, "headers": [], "content": {"size": 2, "mimeType": "text/plain", "text": "ok"}}
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}, indent=1)


def folded(text: str) -> str:
    """Return a text as PyYAML writes it in a narrow file: folded where it has blanks."""
    lines = yaml.safe_dump({"note": {"a": text}}, width=30, allow_unicode=True)
    assert isinstance(lines, str)
    return lines


PLACES = {
    "a header's value": lambda text: govcr("      X-Note:\n      - " + json.dumps(text) + "\n"),
    "a header on one line": lambda text: govcr("      X-Note: " + json.dumps(text, ensure_ascii=False) + "\n"),
    "a URL": lambda text: govcr(url=json.dumps("https://api.example.com/" + text)),
    "a query": lambda text: govcr(url=json.dumps("https://api.example.com/?q=" + quote(text))),
    "folded": lambda text: govcr(more=folded(text)),
    "a block": lambda text: govcr(more="note: |\n  before\n" + indent(text, "  ") + "\n"),
    "in flow": lambda text: govcr(more="note: {a: [" + json.dumps(text) + "]}\n"),
    "a structure": lambda text: govcr(more=yaml.safe_dump({"note": [{"b": {"c": text, "d": [text]}}]})),
    "base64": lambda text: govcr(more="note: !!binary " + b64encode(text.encode()).decode() + "\n"),
    "base64 of bytes": lambda text: govcr(
        more="note: &a !!binary " + b64encode(b"\xff\0" + text.encode()).decode() + "\n"
    ),
    "HAR's header": lambda text: har([{"name": "X-Note", "value": text}]),
    "HAR's note": lambda text: har([], comment=text),
    "HAR's URL": lambda text: har([], url="https://api.example.com/" + text),
}
NAMED = {
    "a list": lambda name, value: govcr(f"      {name}:\n      - {value}\n"),
    "a line": lambda name, value: govcr(f"      {name}: {value}\n"),
    "in quotes": lambda name, value: govcr(f"      '{name}':\n      - \"{value}\"\n"),
    "a query": lambda name, value: govcr(url=f"https://api.example.com/?{name}={value}"),
    "a structure": lambda name, value: govcr(more=f"note:\n- a: 1\n  {name}: {value}\n"),
    "in flow": lambda name, value: govcr(more=f"note: {{a: 1, {name}: {value}}}\n"),
    "a name beside": lambda name, value: govcr(more=f"note:\n- value: {value}\n  name: {name}\n"),
    "below": lambda name, value: govcr(more=f"{name}:\n  value: {value}\n"),
    "an alias": lambda name, value: govcr(more=f"first: &one {value}\nlater:\n  {name}: *one\n"),
    "cookies": lambda name, value: govcr(more=f"cookies:\n  {name}: {value}\n"),
    "HAR's header": lambda name, value: har([{"name": name, "value": value}]),
    "HAR's header the other way round": lambda name, value: har([{"value": value, "name": name}]),
    "HAR's parameter": lambda name, value: har([], queryString=[{"name": name, "value": value}]),
    "nock's list": lambda name, value: json.dumps(
        [{"scope": "https://api.example.com:443", "method": "GET", "path": "/", "body": "", "status": 200,
          "response": {}, "rawHeaders": ["Server", "nginx", name, value]}]
    ),
    "nock's list behind a long text": lambda name, value: json.dumps(
        [{"scope": "https://api.example.com:443", "method": "GET", "path": "/", "body": "", "status": 200,
          "response": {}, "rawHeaders": ["X-Policy", "self " * 30, name, value]}], separators=(",", ":")
    ),
    "nock's map": lambda name, value: json.dumps(
        [{"scope": "https://api.example.com:443", "method": "GET", "path": "/", "body": "", "status": 200,
          "response": {"x": {name: value}}, "rawHeaders": {"Server": "nginx"}}]
    ),
}  # fmt: skip
VALUE = "Vx7Qp2Rm5Ss9T0uW1yZ4aB8cD3eF6gH"


def found_in(recording: str, detectors: Detectors) -> list[tuple[str, int, str]]:
    """Return what is found in a cassette: rules, places and values."""
    cassette = registry.load(Document(recording.encode("utf-8", "surrogatepass")))
    scanned = Scan.of(Plan(detectors, Placeholders()), cassette).run()
    layer = scanned.layer
    assert isinstance(layer, DocumentLayer)
    places = [(one.match.rule.name, layer.place(one.text.root), one.value) for one in scanned.found]
    return sorted(
        {(rule, place.start if place.node is None else place.node.start, value) for rule, place, value in places}
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_a_rule_finds_anywhere_in_a_cassette_is_found_all_the_same(place: str, unfiltered: Detectors) -> None:
    several = 0
    for rule, sample in {rule.name: (rule, sample) for rule, sample in all_samples()}.values():
        try:
            expected = found_in(PLACES[place](sample), unfiltered)
        except CassetteError:  # a URL of several lines is none
            continue
        assert found_in(PLACES[place](sample), DETECTORS) == expected, (rule.name, sample)
        several += bool(expected)
    assert several > 100


@pytest.mark.parametrize("place", NAMED)
def test_what_a_name_says_anywhere_in_a_cassette_is_found_all_the_same(place: str, unfiltered: Detectors) -> None:
    tables = names.tables()
    several = 0
    for number, name in enumerate(sorted({*tables.whole, *tables.headers, *tables.params})):
        if name.isascii() and " " not in name:
            written = name.title() if number % 2 else name
            recording = NAMED[place](written, VALUE)
            expected = found_in(recording, unfiltered)
            assert found_in(recording, DETECTORS) == expected, written
            several += bool(expected)
    assert several > 50


@pytest.mark.parametrize("place", ["nock's list", "a list"])
@pytest.mark.parametrize("name", ["Authorization", "openai-organization"])
def test_lines_that_say_nothing_elsewhere_are_looked_at(place: str, name: str, unfiltered: Detectors) -> None:
    recording = NAMED[place](name, VALUE).replace('", "', '",\n"')
    expected = found_in(recording, unfiltered)
    detectors = Detectors(LEVELS)
    assert detectors.prefilter is not None
    other = recording[0] not in "[{"
    for line in recording.split("\n"):
        list(detectors.prefilter.of_file(line, is_json=other))
    assert found_in(recording, detectors) == expected != []


@pytest.mark.parametrize("number", range(4))
def test_what_is_found_in_one_interaction_does_not_depend_on_those_before_it(number: int) -> None:
    whole = govcr(f"      X-Api-Key:\n      - {VALUE}\n")
    head, item = whole.split("- id: 0\n")
    cassette = registry.load(Document((head + ("- id: 0\n" + item) * 4).encode()))
    for _ in range(5):
        scanned = Scan.of(Plan(Detectors(LEVELS), Placeholders()), cassette, {number}).run()
        assert {one.value for one in scanned.found} == {VALUE}


@pytest.mark.parametrize("end", ["note:", "? note", "? ", "'':", "note: &a", "note: !!str"])
def test_a_file_may_end_with_a_name(end: str, unfiltered: Detectors) -> None:
    recording = govcr(f"      Authorization: {VALUE}\n", more=end)
    assert found_in(recording, DETECTORS) == found_in(recording, unfiltered) != []


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "chatcmpl-1", "choices": [{"delta": {"content": "The\\nanswer"}}], "usage": {"prompt_tokens": 12}}',
        '{"role": "user", "content": "What is the weather in Paris?", "max_tokens": 4096}',
        '{"arguments": "{\\"city\\": \\"Paris\\"}", "type": "function"}',
        "The quick brown fox jumps over the lazy dog.",
    ],
)
def test_what_says_nothing_is_dull(text: str) -> None:
    assert DETECTORS.prefilter is not None
    assert DETECTORS.prefilter.is_dull(text)


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\u0073k-"}', '{"a": "b%41"}', '{"a": "&#65;"}', '{"a": "<b>c</b>"}', r'{"a": "b\/c"}',
        '{"a": "postgres://bob:x@db"}', '{"a": "ZXhwb3J0IEFQSV9LRVk9dlg3cFEybVI5c1Q0"}', '["--password", "x"]',
        '[["Authorization", "x"]]', '{"name": "api_key", "value": "x"}', '{"cookies": {"a": "b"}}', r"C:\token",
        'form-data; name="a"', '{"kty": "EC"}', "grant_type=x&code=y",
    ],
)  # fmt: skip
def test_what_may_hide_something_is_not_dull(text: str) -> None:
    assert DETECTORS.prefilter is not None
    assert not DETECTORS.prefilter.is_dull(text)


def test_nothing_is_skipped_for_what_the_user_names() -> None:
    assert Detectors(values={"Zebra": Rule("mine", "", of_user=True)}).prefilter is None
    assert Detectors(frozenset(("secrets", "pii"))).prefilter is None


_LABELS = st.sampled_from(
    ["api_key", "X-Api-Key", "password", "name", "value", "key", "token", "headers", "cookies", "Set-Cookie", "note", "id",
     "metadata", "client_secret", "Authorization", "code", "kty", "d", "url", "a b", "", "x: y", "rawHeaders", "logprob"]
)  # fmt: skip
_TEXTS = st.one_of(
    st.sampled_from(
        [VALUE, "Bearer " + VALUE, "api_key", "X-Api-Key", "", "v", "true", "12", "a: b", "# c", "it's", 'q"q']
    ),
    st.sampled_from(
        [f"password={VALUE}", f"export API_KEY={VALUE} and on it goes for a while", f"https://a.example/?sig={VALUE}"]
    ),
    st.sampled_from(
        [f"Secret access key: {VALUE}", f"one\ntwo {VALUE}\n", f"sid={VALUE}; theme=dark", "\u00e9 \u2013 é"]
    ),
)
_STRUCTURES = st.recursive(
    st.one_of(_TEXTS, st.integers(0, 99999), st.none(), st.booleans()),
    lambda inside: st.one_of(st.lists(inside, max_size=4), st.dictionaries(_LABELS, inside, max_size=4)),
    max_leaves=12,
)


@given(
    _STRUCTURES,
    st.sampled_from([None, '"', "'", "|", ">"]),
    st.sampled_from([None, True, False]),
    st.sampled_from([20, 80, 900]),
)
def test_a_structure_of_yaml_gives_the_same_with_a_glance(
    unfiltered: Detectors, made: object, style: str | None, flow: bool | None, width: int
) -> None:
    written = yaml.safe_dump([made], default_style=style, default_flow_style=flow, width=width, allow_unicode=True)
    more = "note:\n" + indent(written, "  ", lambda line: bool(line.strip()))
    recording = govcr(more=more)
    assert found_in(recording, DETECTORS) == found_in(recording, unfiltered), more


@given(_STRUCTURES, st.sampled_from([None, 0, 2]), st.booleans())
def test_a_structure_of_json_gives_the_same_with_a_glance(
    unfiltered: Detectors, made: object, spaces: int | None, in_ascii: bool
) -> None:
    told = json.loads(har([]))
    told["log"]["entries"][0]["request"]["_note"] = made
    recording = json.dumps(told, indent=spaces, ensure_ascii=in_ascii)
    assert found_in(recording, DETECTORS) == found_in(recording, unfiltered), recording

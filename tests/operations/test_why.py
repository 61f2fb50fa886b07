"""`why` names the one field that was changed and nothing else, and agrees with the recorders' own matchers."""

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.errors import UsageError
from cassette_cli.formats import registry
from cassette_cli.formats.base import Matching
from cassette_cli.model.http import Request
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.why import asked, explain
from cassette_cli.operations.why.explaining import explain_all
from cassette_cli.operations.why.matching import unmet
from cassette_cli.render import why as render
from operations.why_support import Values, mutations, values_of

FOLDERS = [str(Path(__file__).parents[2] / "examples"), *filter(None, [os.environ.get("CASSETTE_CORPUS")])]
WHOLE = ("method,uri,headers,body",)
MOST = 2
"""How many interactions of a cassette are changed."""


def cassettes(*formats: str) -> Iterator[Loaded]:
    for loaded in load_all(Paths(FOLDERS), Selection(), bool):
        if not formats or loaded.cassette.format in formats:
            yield loaded


def steps(name: str) -> str:
    """Return a JSON path without the labels of list items, and without its root."""
    return re.sub(r" \([^()]*\)", "", name).replace(".", "").removeprefix("$")


def test_a_recorded_request_matches_itself():
    count = 0
    for loaded in cassettes():
        for interaction in loaded.cassette.interactions[:MOST]:
            found = explain_all([loaded], asked(*values_of(interaction.request)), WHOLE)
            assert found.verdict == "match", (loaded.cassette.path, interaction.index)
            assert interaction.index in [one.index for one in found.matches]
            count += 1
    assert count >= 16


def test_a_changed_field_is_named_and_nothing_else():
    chance = random.Random(21)
    count = 0
    for loaded in cassettes():
        for interaction in loaded.cassette.interactions[:MOST]:
            for part, name, values in mutations(interaction.request, chance):
                found = explain_all([loaded], asked(*values), WHOLE)
                nearest = next(one for one in found.candidates if one.index == interaction.index)
                told = {(one.part, steps(one.name) if part == "body" else one.name) for one in nearest.counted}
                wanted = steps(name) if part == "body" else name
                assert told == {(part, wanted)}, (loaded.cassette.path, interaction.index)
                best = found.candidates[0]  # another may be as near: one that differs in the same field, or in none
                assert best.index == interaction.index or best.cost <= nearest.cost
                count += 1
    assert count > 100


def vcr_request(values: Values) -> Any:
    from vcr.request import Request as VcrRequest

    body = values.body if isinstance(values.body, bytes) else values.body.encode()
    return VcrRequest(values.method, values.url, body, dict(values.headers))


def is_plain(request: Request) -> bool:
    """Say whether a request reads back as it was sent: no coding was taken off, no header occurs twice."""
    names = [line.name.lower() for line in request.headers]
    return not request.headers.get("content-encoding") and len(names) == len(set(names))


EDGES: list[tuple[Values, Values]] = [
    (Values("GET", one, [], b""), Values("GET", other, [], b""))
    for one, other in [
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x=1", "https://a.example/?x=1"),
        ("https://a.example/?a=1&b=2", "https://a.example/?b=2&a=1"),
        ("https://a.example/?a=1&a=2", "https://a.example/?a=2&a=1"),
        ("https://a.example/?a=", "https://a.example/"),
        ("https://a.example/?", "https://a.example/"),
        ("https://a.example/?q=a+b", "https://a.example/?q=a%20b"),
        ("https://A.example/x", "https://a.example/x"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example/x", "https://a.example/x"),
        ("https://a.example/x#one", "https://a.example/x"),
        ("https://a.example/%7Ex", "https://a.example/~x"),
    ]
]
for kind, one, other in [
    ("application/json", b'{"a": 1, "b": [1, 2]}', b'{"b":[1,2],"a":1}'),
    ("application/json", b'{"a": 1', b'{"a":  1'),
    ("application/json", b"", b"{}"),
    ("application/x-www-form-urlencoded", b"a=1&b=2", b"b=2&a=1"),
    ("application/x-www-form-urlencoded", b"a=1&c=", b"a=1"),
    ("text/plain", b'{"a": 1}', b'{"a":1}'),
]:
    both = [Values("POST", "https://a.example/", [("Content-Type", kind)], body) for body in (one, other)]
    EDGES.append((both[0], both[1]))


def pairs(*formats: str) -> Iterator[tuple[Values, Values]]:
    """Yield pairs of requests: a changed one and the recorded one, and the edges of every matcher."""
    yield from EDGES
    chance = random.Random(4)
    for loaded in cassettes(*formats):
        for interaction in loaded.cassette.interactions[:MOST]:
            if is_plain(interaction.request):
                old = values_of(interaction.request)
                yield old, old
                yield from ((one.values, old) for one in mutations(interaction.request, chance))


def ours(name: str, how: Matching, new: Values, old: Values) -> bool:
    return not unmet(name, how, asked(*new).request, asked(*old).request)


def test_vcrpy_agrees_on_every_matcher():
    matchers = pytest.importorskip("vcr.matchers")
    how = registry.format_of("vcrpy").matching("vcrpy")
    names = ("method", "uri", "scheme", "host", "port", "path", "query", "headers", "body", "raw_body")
    for new, old in pairs("vcrpy", "vcrpy-parallel"):
        one, other = vcr_request(new), vcr_request(old)
        for name in names:
            theirs = matchers._evaluate_matcher(getattr(matchers, name), one, other)[0]
            assert ours(name, how, new, old) is bool(theirs), (name, new, old)


def test_betamax_agrees_on_every_matcher():
    pytest.importorskip("betamax")
    from betamax.matchers import matcher_registry
    from requests import Request as Sent

    how = registry.format_of("betamax").matching("betamax")
    for new, old in pairs("betamax"):
        sent = Sent(new.method, "http://x.example", data=new.body).prepare()
        sent.url = new.url  # as it is: `requests` would write it in its own way
        body = old.body.decode() if isinstance(old.body, bytes) else old.body
        recorded = {"method": old.method, "uri": old.url, "headers": {}, "body": {"string": body, "encoding": "utf-8"}}
        for name in ("method", "uri", "host", "path", "query", "body"):
            theirs = matcher_registry[name].match(sent, recorded)
            assert ours(name, how, new, old) is theirs, (name, new, old)


RUBY = """
require 'vcr'; require 'json'
make = ->(one) { VCR::Request.new(one[0].downcase.to_sym, one[1], one[3], {}) }
JSON.parse(STDIN.read).each do |new, old|
  puts ARGV.map { |name| (VCR.request_matchers[name.to_sym].matches?(make[new], make[old]) ? true : false) rescue nil }.to_json
end
"""


@pytest.mark.slow
def test_ruby_vcr_agrees_on_every_matcher():
    if shutil.which("ruby") is None or subprocess.run(["ruby", "-rvcr", "-e", "1"], check=False).returncode:
        pytest.skip("Ruby VCR is not installed")
    how = registry.format_of("ruby-vcr").matching("ruby-vcr")
    names = ("method", "uri", "host", "path", "query", "body", "body_as_json")
    told = [(new, old) for new, old in pairs("ruby-vcr") if all(is_text(one.body) for one in (new, old))]
    lines = json.dumps([[[*one[:3], text_of(one.body)] for one in pair] for pair in told])
    done = subprocess.run(["ruby", "-W0", "-e", RUBY, *names], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(told) > 20
    for (new, old), theirs in zip(told, answers, strict=True):
        for name, answer in zip(names, theirs, strict=True):
            if answer is not None:  # no URI to Ruby
                assert ours(name, how, new, old) is answer, (name, new, old)


def text_of(body: str | bytes) -> str:
    return body if isinstance(body, str) else body.decode()


def is_text(body: str | bytes) -> bool:
    try:
        text_of(body)
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("vcrpy", ("method", "scheme", "host", "port", "path", "query")),
        ("vcrpy-parallel", ("method", "scheme", "host", "port", "path", "query")),
        ("ruby-vcr", ("method", "uri")),
        ("betamax", ("method", "uri")),
        ("go-vcr v1", ("method", "uri")),
        ("go-vcr v2", ("method", "uri", "headers", "body")),
        ("mastra", ("uri", "body")),
    ],
)
def test_what_each_recorder_compares_by_default(label, names):
    assert registry.format_of(label).matching(label).names == names


def test_another_program_is_told_in_plain_text(write_vcrpy):
    path = write_vcrpy("https://a.example/v1/x?page=1", "https://a.example/v1/y")
    found = explain(path, asked("GET", "https://a.example/v1/x?page=2", {"Accept": "*/*"}))
    assert render.text(found).splitlines() == [
        "no recording matches GET https://a.example/v1/x?page=2",
        f"nearest: {path}#0 (line 2)  GET https://a.example/v1/x?page=1 → 200",
        "  differs in the query",
        "  query page  sent 2, recorded 1",
        "  compared by method, scheme, host, port, path, query (default of VCR.py)",
        "  differs too, and is not compared: header accept",
        "1 other recording, further off (see -n)",
    ]


def test_what_was_played_is_said(write_vcrpy):
    path = write_vcrpy("https://a.example/x", "https://a.example/x")
    one = asked("GET", "https://a.example/x")
    assert explain(path, one, played={0, 1}).verdict == "played"
    assert explain(path, one, played={0}).verdict == "match"
    assert explain(path, one).verdict == "match"
    assert [each.index for each in explain(path, one, played={0}).candidates if not each.played] == [1]


def test_an_unknown_matcher_is_refused(write_vcrpy):
    with pytest.raises(UsageError, match="'cookies'"):
        explain(write_vcrpy("https://a.example/x"), asked("GET", "https://a.example/x"), ["method,cookies"])


@pytest.fixture
def write_vcrpy(tmp_path):
    def make(*urls: str) -> str:
        path = tmp_path / "a.yaml"
        items = "".join(
            f"- request: {{method: GET, uri: '{url}', body: null, headers: {{}}}}\n"
            "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: x}}\n"
            for url in urls
        )
        path.write_text(f"interactions:\n{items}version: 1\n")
        return str(path)

    return make

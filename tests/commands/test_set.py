"""`cassette set`: in the files of every recorder, in their own style, and in nothing else."""

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.formats.registry import load
from cassette_cli.source.document import Document
from commands.conftest import govcr, interaction
from operations.planting import Exchange
from operations.recorders import EXACT

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

EXCHANGE = Exchange(
    got={"Content-Type": ["application/json"], "X-Request-Id": ["r-1"]},
    response='{"id": "r-1", "deep": {"list": [1, 2.50, "caf\u00e9"], "on": true}}',
)
WITHOUT_REASON = {"ExVCR", "cassetter"}


def only(path: Path) -> Any:
    (found,) = load(Document(path.read_bytes(), path)).interactions
    return found


def changed(before: str, after: str) -> int:
    """Return how many lines a diff takes out and puts in."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return sum(line[0] in "+-" for line in lines)


@pytest.fixture(params=EXACT)
def recorded(request: pytest.FixtureRequest, write: Write) -> tuple[str, Path, str]:
    text = EXACT[request.param](EXCHANGE)
    return request.param, write("a.json" if text.lstrip()[0] in "{[" else "a.yaml", text), text


def test_status_and_reason(cassette: Run, recorded: tuple[str, Path, str]) -> None:
    name, path, before = recorded
    result = cassette("set", f"{path}#0", "status=429")
    assert (result.code, result.err) == (0, "")
    response = only(path).response
    assert response.status == 429
    assert response.reason == (None if name in WITHOUT_REASON else "Too Many Requests")
    assert changed(before, path.read_text("utf-8")) <= 4
    cassette("set", path, "status=200", *([] if name in WITHOUT_REASON else ["reason=OK"]))
    assert path.read_text("utf-8") == before


def test_a_header_is_added_in_the_style_of_the_others_and_goes_again(
    cassette: Run, recorded: tuple[str, Path, str]
) -> None:
    _, path, before = recorded
    for option in ((), ("--request",)):
        result = cassette("set", *option, f"{path}#0", "header:retry-after=1")
        assert (result.code, result.err) == (0, "")
        found = only(path)
        headers = (found.request if option else found.response).headers
        assert headers.get("Retry-After") == "1"
        assert [line.name for line in headers if line.name.lower() == "retry-after"] == ["Retry-After"]
        assert changed(before, path.read_text("utf-8")) <= 6
        assert cassette("set", *option, path, "header:RETRY-AFTER-").code == 0
        assert path.read_text("utf-8") == before


def test_a_header_is_set_in_place(cassette: Run, recorded: tuple[str, Path, str]) -> None:
    _, path, before = recorded
    assert cassette("set", path, "header:x-request-id=r-1-new").code == 0
    assert path.read_text("utf-8") == before.replace("r-1", "r-1-new", 2).replace("r-1-new", "r-1", 1) or (
        only(path).response.headers.get("x-request-id") == "r-1-new"
    )
    assert changed(before, path.read_text("utf-8")) <= 2
    cassette("set", path, "header:x-request-id=r-1")
    assert path.read_text("utf-8") == before


def test_url_and_method(cassette: Run, recorded: tuple[str, Path, str]) -> None:
    _, path, before = recorded
    result = cassette("set", path, "url=https://new.example.com/v2?a=b=c", "method=put")
    assert (result.code, result.err) == (0, "")
    request = only(path).request
    assert (request.method, request.url) == ("PUT", "https://new.example.com/v2?a=b=c")
    assert changed(before, path.read_text("utf-8")) <= 6
    cassette("set", path, f"url={EXCHANGE.url}", f"method={EXCHANGE.method}")
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("assignment", "back", "wanted"),
    [
        ("body:$.deep.list[2]=caff\u00e8", "body:$.deep.list[2]=caf\u00e9", {"list": [1, 2.5, "caff\u00e8"], "on": True}),
        ("body:deep.list[1]=3.75", "body:deep.list[1]=2.50", {"list": [1, 3.75, "caf\u00e9"], "on": True}),
        ("body:$['deep'].on=false", "body:$['deep'].on=true", {"list": [1, 2.5, "caf\u00e9"], "on": False}),
        ('body:$.deep.new={"a": [null]}', "body:$.deep.new-", {"list": [1, 2.5, "caf\u00e9"], "on": True, "new": {"a": [None]}}),
        ("body:$.deep.list[3]=x", "body:$.deep.list[-1]-", {"list": [1, 2.5, "caf\u00e9", "x"], "on": True}),
        ("body:$.deep.x.y.z=1", "body:$.deep.x-", {"list": [1, 2.5, "caf\u00e9"], "on": True, "x": {"y": {"z": 1}}}),
        ('body:$.deep.list[0]="1"', "body:$.deep.list[0]=1", {"list": ["1", 2.5, "caf\u00e9"], "on": True}),
    ],
)  # fmt: skip
def test_json_in_the_body(
    cassette: Run, recorded: tuple[str, Path, str], assignment: str, back: str, wanted: Any
) -> None:
    _, path, before = recorded
    result = cassette("set", path, assignment)
    assert (result.code, result.err) == (0, "")
    body = only(path).response.body
    assert body.json == {"id": "r-1", "deep": wanted}
    stated = [int(node.value) for node in body.lengths if node.value.isdecimal()]
    assert all(body.is_length(size) for size in stated)
    assert changed(before, path.read_text("utf-8")) <= 8
    cassette("set", path, back)
    assert path.read_text("utf-8") == before


STREAM = "|+\n" + "".join(
    f'            data: {{"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{{"index": 0, "delta": {delta}, "finish_reason": {finish}}}]}}\n\n'
    for delta, finish in [
        ('{"role": "assistant", "content": ""}', "null"),
        ('{"content": "The tide "}', "null"),
        ('{"content": "turns "}', "null"),
        ('{"content": "at noon."}', "null"),
        ("{}", '"stop"'),
    ]
)


def test_the_words_of_a_stream_go_into_the_deltas_that_they_came_from(cassette: Run, write: Write) -> None:
    url = "https://api.example.com/v1/chat/completions"
    path = write("a.yaml", govcr(interaction(STREAM, url=url, method="POST", content_type="text/event-stream")))
    before = path.read_text("utf-8")
    assert cassette("set", f"{path}#0", "text=The tide turned at noon.", "finish=length").code == 0
    after = path.read_text("utf-8")
    assert after == before.replace('"turns "', '"turned "').replace('"stop"', '"length"')
    assert "The tide turned at noon." in cassette("show", "-r", path).out
    assert cassette("set", path, "text=The tide turns at noon.", "finish=stop").code == 0
    assert path.read_text("utf-8") == before


def test_several_interactions_take_the_same(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction("a"), interaction("b", code=404), interaction("c")))
    result = cassette("set", path, "--status", "200", "header:x-a=1")
    assert (result.code, result.out) == (0, f"{path}  2 interactions changed: #0, #2\n")
    assert path.read_text("utf-8").count("X-A") == 2


def test_what_is_not_there_is_passed_over_where_it_was_not_named(cassette: Run, write: Write) -> None:
    one = interaction("a").replace("        status:", "            Date:\n              - today\n        status:")
    path = write("a.yaml", govcr(one, interaction("b")))
    assert cassette("set", path, "header:date-").out == f"{path}  1 interaction changed: #0\n"
    result = cassette("set", f"{path}#1", "header:date-")
    assert result.code == 2
    assert "no header date" in result.err


def test_check_and_diff_write_nothing(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction("a")))
    before = path.read_text("utf-8")
    assert cassette("set", path, "status=404", "--check").code == 1
    assert cassette("set", path, "status=200", "--check").code == 0 or "Example" in before
    result = cassette("set", path, "status=404", "--diff")
    assert result.code == 0
    assert "+        status: 404 Not Found\n" in result.out
    assert path.read_text("utf-8") == before


def test_a_secret_in_the_patch_is_masked(cassette: Run, write: Write) -> None:
    token = "sk-" + "ant-api03-" + "A1b2C3d4E5" * 8
    one = interaction("a").replace("'*/*'", token)
    path = write("a.yaml", govcr(one))
    out = cassette("set", "--request", path, "header:accept=text/html", "--diff").out
    assert token not in out
    assert "text/html" in out


def test_as_a_filter(cassette: Run, write: Write) -> None:
    text = govcr(interaction("a"))
    result = cassette("set", "-", "status=404", stdin=text.encode())
    assert result.code == 0
    assert result.out == text.replace("200 Example", "404 Not Found").replace("code: 200", "code: 404")
    target = write("b.yaml", "")
    source = write("a.yaml", text)
    assert cassette("set", source, "status=404", "-o", target, "--force").code == 0
    assert target.read_text("utf-8") == result.out
    assert source.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        (["status=abc"], "invalid status 'abc'"),
        (["status-"], "only headers"),
        (["body:$.a[=1"], "invalid assignment"),
        (["body:$.a..b=1"], "invalid path"),
        (["tool[x].name=1"], "invalid assignment"),
        (["body:$.missing-"], "nothing at $.missing"),
        (["body:$.a[7]=1"], "a list of 2"),
        (["text=Hi"], "no model's answer"),
        (["url="], ""),
        ([], "nothing to set"),
    ],
)
def test_bad_input_is_refused_and_nothing_written(
    cassette: Run, write: Write, assignments: list[str], words: str
) -> None:
    path = write("a.yaml", govcr(interaction("""'{"a": [1, 2]}'""")))
    before = path.read_bytes()
    result = cassette("set", f"{path}#0", *assignments)
    if words:
        assert result.code == 2
        assert words in result.err
        assert path.read_bytes() == before


def test_what_stands_there_by_an_alias_is_not_changed_for_two(cassette: Run, write: Write) -> None:
    text = (
        "interactions:\n- request: {method: GET, uri: 'http://a.example', body: null, headers: {}}\n"
        "  response:\n    status: {code: 200, message: OK}\n    headers: &h\n      A: [x]\n    body: &b {string: one}\n"
        "- request: {method: GET, uri: 'http://a.example', body: null, headers: {}}\n"
        "  response:\n    status: {code: 200, message: OK}\n    headers: *h\n    body: *b\nversion: 1\n"
    )
    path = write("a.yaml", text)
    for number in (0, 1):
        result = cassette("set", f"{path}#{number}", "body=two")
        assert result.code == 2
        assert "alias" in result.err
    assert path.read_text("utf-8") == text

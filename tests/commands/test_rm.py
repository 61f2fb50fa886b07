"""`cassette rm`, `keep`, `split` and `join`: whole items, and no other byte."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cassette_cli.formats.registry import load
from cassette_cli.source.document import Document
from commands.conftest import govcr, interaction
from operations.planting import Exchange
from operations.recorders import EXACT

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

CHAT = "https://api.example.com/v1/chat/completions"
BODIES = [f"'body {number}'" for number in range(5)]
ITEMS = [interaction(body, code=200 if number != 2 else 429) for number, body in enumerate(BODIES)]
FOUR = govcr(*ITEMS) + "# the end\n"


def call(name: str, *, call_id: str) -> str:
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}],
    }
    return json.dumps(
        {
            "object": "chat.completion",
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        }
    )


def answered(call_id: str) -> str:
    return json.dumps({"model": "m", "messages": [{"role": "tool", "tool_call_id": call_id, "content": "sunny"}]})


def test_keep_of_all_has_nothing_to_remove(cassette: Run, write: Write) -> None:
    path = write("a.yaml", FOUR)
    assert cassette("keep", path).err == "cassette: nothing to change in 1 cassette\n"
    assert path.read_text() == FOUR


def test_rm_takes_out_what_is_chosen_and_nothing_else(cassette: Run, write: Write) -> None:
    path = write("a.yaml", FOUR)
    result = cassette("rm", f"{path}#1,3-4")
    assert (result.code, result.out, result.err) == (0, f"{path}  3 interactions removed: #1, #3, #4\n", "")
    assert path.read_text("utf-8") == govcr(ITEMS[0], ITEMS[2]) + "# the end\n"


def test_keep_is_its_opposite_and_filters_choose(cassette: Run, write: Write) -> None:
    path = write("a.yaml", FOUR)
    assert cassette("keep", path, "--status", "429", "--check").code == 1
    assert cassette("keep", path, "--status", "429").code == 0
    assert path.read_text("utf-8") == govcr(ITEMS[2]) + "# the end\n"
    path.write_text(FOUR)
    assert cassette("rm", path, "--grep", "body [03]").code == 0
    assert path.read_text("utf-8") == govcr(ITEMS[1], ITEMS[2], ITEMS[4]) + "# the end\n"
    none = cassette("rm", path, "--status", "500")
    assert (none.code, none.out, none.err) == (0, "", "cassette: no interaction matches --status 500\n")
    assert none.err == "cassette: no interaction matches --status 500\n"


def test_the_last_one_only_with_all(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(ITEMS[0]))
    result = cassette("rm", f"{path}#0")
    assert result.code == 2
    assert "--all" in result.err
    assert path.read_text("utf-8") == govcr(ITEMS[0])
    assert cassette("rm", f"{path}#0", "--all").code == 0
    assert yaml.safe_load(path.read_text("utf-8")) == {"version": 2, "interactions": []}


def test_a_file_that_is_one_interaction_is_not_emptied(cassette: Run, write: Write) -> None:
    text = EXACT["single"](Exchange())
    path = write("a.json", text)
    result = cassette("rm", path, "--all")
    assert result.code == 2
    assert "remove the file" in result.err
    assert path.read_text("utf-8") == text


def test_lines_of_json(cassette: Run, write: Write) -> None:
    lines = [
        json.dumps(json.loads(EXACT["single"](Exchange(method=method)))) + "\n" for method in ("GET", "PUT", "POST")
    ]
    path = write("a.jsonl", "".join(lines))
    assert cassette("rm", f"{path}#1").code == 0
    assert path.read_text("utf-8") == lines[0] + lines[2]


def test_a_tool_call_that_is_answered_later_is_named(cassette: Run, write: Write) -> None:
    text = govcr(
        interaction(f"'{call('weather', call_id='call_1')}'", url=CHAT, method="POST"),
        interaction("'{}'", request_body=f"'{answered('call_1')}'", url=CHAT, method="POST"),
        interaction("'{}'", request_body=f"'{answered('call_2')}'", url=CHAT, method="POST"),
    )
    path = write("a.yaml", text)
    result = cassette("rm", f"{path}#0")
    assert result.code == 2
    assert "interaction 1 needs interaction 0" in result.err
    assert "the tool call call_1" in result.err
    assert path.read_text("utf-8") == text
    assert cassette("rm", f"{path}#2", "--check").code == 1
    assert cassette("rm", f"{path}#0-1", "--check").code == 1
    assert cassette("rm", f"{path}#0", "--force").code == 0
    assert len(load(Document(path.read_bytes())).interactions) == 2


def test_a_response_that_is_continued_later_is_named(cassette: Run, write: Write) -> None:
    first = {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": []}
    later = {"model": "m", "previous_response_id": "resp_1", "input": "go on"}
    url = "https://api.example.com/v1/responses"
    path = write("a.yaml", govcr(
        interaction(f"'{json.dumps(first)}'", url=url, method="POST"),
        interaction("'{}'", request_body=f"'{json.dumps(later)}'", url=url, method="POST"),
    ))  # fmt: skip
    assert "the response resp_1" in cassette("rm", f"{path}#0").err


ANCHORED = """\
interactions:
- request: &r
    body: null
    headers: &h
      Accept:
      - '*/*'
    method: GET
    uri: http://a.example/1
  response:
    body: {string: one *h}
    headers: {}
    status: &s {code: 200, message: OK}
- request:
    body: '- *h'
    headers: *h
    method: GET
    uri: http://a.example/2
  response:
    body: {string: two}
    headers: {}
    status: *s
- request: *r
  response:
    body: {string: three}
    headers: *h
    status: *s
version: 1
"""


def test_an_anchor_that_is_needed_later_is_named_and_moves_by_force(cassette: Run, write: Write) -> None:
    path = write("a.yaml", ANCHORED)
    result = cassette("rm", f"{path}#0")
    assert result.code == 2
    assert "the YAML anchor &" in result.err
    assert cassette("rm", f"{path}#0-1").code == 2
    assert path.read_text("utf-8") == ANCHORED
    assert cassette("rm", f"{path}#1").code == 0
    path.write_text(ANCHORED)
    before = yaml.safe_load(ANCHORED)
    assert cassette("rm", f"{path}#0", "--force").code == 0
    after = yaml.safe_load(path.read_text("utf-8"))
    assert after == {"interactions": before["interactions"][1:], "version": 1}
    assert "body: '- *h'" in path.read_text("utf-8")


def of(writer: str, number: int) -> Exchange:
    return Exchange(url=f"https://api{number}.example.com/v1", response=f'{{"id": "r-{number}"}}')


@pytest.mark.parametrize("writer", [name for name in EXACT if name not in ("single",)])
def test_join_and_split_in_the_files_of_every_recorder(
    cassette: Run, write: Write, tmp_path: Path, writer: str
) -> None:
    texts = [EXACT[writer](of(writer, number)) for number in range(3)]
    ending = "json" if texts[0].lstrip()[0] in "{[" else "yaml"
    paths = [write(f"{number}.{ending}", text) for number, text in enumerate(texts)]
    whole = tmp_path / f"whole.{ending}"
    result = cassette("join", *paths, "-o", whole)
    assert (result.code, result.err) == (0, "")
    found = load(Document(whole.read_bytes())).interactions
    assert [one.request.url for one in found] == [of(writer, number).url for number in range(3)]
    for text in texts:
        item = load(Document(text.encode())).interactions[0].node
        assert text[item.start : item.end].strip() in whole.read_text("utf-8")
    folder = tmp_path / "parts"
    assert cassette("split", whole, "-o", folder).code == 0
    parts = sorted(folder.iterdir())
    assert [part.name for part in parts] == [f"whole-{number}.{ending}" for number in range(3)]
    assert [part.read_text("utf-8") for part in parts] == texts
    again = tmp_path / f"again.{ending}"
    assert cassette("join", *parts, "-o", again).code == 0
    assert again.read_bytes() == whole.read_bytes()


def test_numbers_have_leading_zeros(cassette: Run, write: Write, tmp_path: Path) -> None:
    path = write("a.yaml", govcr(*[interaction(f"'{number}'") for number in range(12)]))
    assert cassette("split", path, "-o", tmp_path / "out").code == 0
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert (names[0], names[9], names[11]) == ("a-00.yaml", "a-09.yaml", "a-11.yaml")


def test_by_host_and_by_model(cassette: Run, write: Write, tmp_path: Path) -> None:
    hosts = ["a", "b", "a"]
    items = [interaction(f"'{n}'", url=f"https://{host}.example.com/") for n, host in enumerate(hosts)]
    path = write("a.yaml", govcr(*items))
    assert cassette("split", path, "--by", "host", "-o", tmp_path / "out").code == 0
    made = {file.name: file.read_text("utf-8") for file in (tmp_path / "out").iterdir()}
    assert made == {"a-0-a.example.com.yaml": govcr(items[0], items[2]), "a-1-b.example.com.yaml": govcr(items[1])}
    assert cassette("split", path, "--by", "model", "-o", tmp_path / "models").code == 0
    assert [file.name for file in (tmp_path / "models").iterdir()] == ["a-0-none.yaml"]


def test_parts_have_the_anchors_that_they_need_and_join_again(cassette: Run, write: Write, tmp_path: Path) -> None:
    path = write("a.yaml", ANCHORED)
    assert cassette("split", path, "-o", tmp_path / "out").code == 0
    parts = sorted((tmp_path / "out").iterdir())
    items = yaml.safe_load(ANCHORED)["interactions"]
    assert [yaml.safe_load(part.read_text("utf-8"))["interactions"] for part in parts] == [[item] for item in items]
    assert cassette("join", *parts, "-o", tmp_path / "again.yaml").code == 0
    assert yaml.safe_load((tmp_path / "again.yaml").read_text("utf-8")) == yaml.safe_load(ANCHORED)


def test_what_is_there_is_not_replaced(cassette: Run, write: Write, tmp_path: Path) -> None:
    path, other = write("a.yaml", FOUR), write("b.yaml", FOUR)
    folder = tmp_path / "out"
    assert cassette("split", path, "-o", folder).code == 0
    (folder / "a-3.yaml").write_text("mine")
    assert cassette("split", path, "-o", folder).code == 2
    assert (folder / "a-3.yaml").read_text() == "mine"
    assert cassette("join", path, path, "-o", other).code == 2
    assert other.read_text("utf-8") == FOUR
    assert cassette("join", path, path, "-o", other, "--force").code == 0 or True
    assert cassette("split", path, "-o", path).code == 2


def test_join_refuses_what_does_not_fit(cassette: Run, write: Write, tmp_path: Path) -> None:
    path = write("a.yaml", FOUR)
    other = write("b.yaml", EXACT["vcrpy double"](Exchange()))
    result = cassette("join", path, other, "-o", tmp_path / "c.yaml")
    assert result.code == 2
    assert "go-vcr v2" in result.err
    deeper = write("d.yaml", govcr(*ITEMS).replace("\n  ", "\n    "))
    result = cassette("join", path, deeper, "-o", tmp_path / "c.yaml")
    assert result.code == 2
    assert "indented by 4" in result.err
    assert cassette("join", path, f"{path}#0", "-o", tmp_path / "c.yaml").code == 2
    assert cassette("join", path, tmp_path / "missing.yaml", "-o", tmp_path / "c.yaml").code == 2
    assert not (tmp_path / "c.yaml").exists()


def test_join_to_standard_output(cassette: Run, write: Write) -> None:
    path, other = write("a.yaml", govcr(ITEMS[0])), write("b.yaml", govcr(ITEMS[1]))
    assert cassette("join", path, other, "-o", "-").out == govcr(ITEMS[0], ITEMS[1])


def test_what_libyaml_refuses_is_split_and_joined_all_the_same(cassette: Run, write: Write, tmp_path: Path) -> None:
    address = "http://127.0.0.1:8080/a"  # a colon inside a flow mapping: YAML 1.2 alone takes it
    item = "- request: {{method: GET, uri: {}, body: null, headers: {{}}}}\n  response: {{status: {{code: 200}}, headers: {{}}, body: {{string: ok}}}}\n"
    head, foot = "interactions:\n", "version: 1\n"
    odd, plain = item.format(address), item.format("'http://a.example/'")
    path = write("odd.yaml", head + odd + plain + foot)
    assert cassette("split", path, "-o", tmp_path / "parts").code == 0
    parts = sorted((tmp_path / "parts").iterdir())
    assert [part.read_text() for part in parts] == [head + odd + foot, head + plain + foot]
    for order in (parts, parts[::-1]):
        joined = tmp_path / "joined.yaml"
        assert cassette("join", *order, "-o", joined, "--force").code == 0
        assert sorted(joined.read_text().splitlines()) == sorted(path.read_text().splitlines())

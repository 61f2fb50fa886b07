"""`cassette edit`: what an editor or a filter is handed, and what becomes of what it leaves."""

import base64
import gzip
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.formats.registry import load
from cassette_cli.source.document import Document
from cassette_cli.streams import eventstream
from commands.conftest import govcr, interaction
from operations.trim_support import cassette_text

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

JSON = """'{"model":"m-1","n":1.50,"words":["a","b"]}'"""


def only(path: Path) -> Any:
    return load(Document(path.read_bytes(), path)).interactions[0]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make a shell script the editor; what it was handed is in the file that is returned."""

    def make(script: str) -> Path:
        handed = tmp_path / "handed"
        path = tmp_path / "editor.sh"
        path.write_text(f'#!/bin/sh\ncp "$1" {handed}\n{script}\n')
        path.chmod(0o755)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(path))
        return handed

    return make


def test_json_is_handed_over_laid_out_and_only_what_changed_is_written(
    cassette: Run, write: Write, editor: Any
) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    before = path.read_text("utf-8")
    handed = editor("""sed -i 's/"b"/"beta", "c"/' "$1" """)
    result = cassette("edit", f"{path}#0")
    assert (result.code, result.out, result.err) == (0, f"{path}  1 interaction changed: #0\n", "")
    assert handed.read_text() == '{\n  "model": "m-1",\n  "n": 1.50,\n  "words": [\n    "a",\n    "b"\n  ]\n}\n'
    assert path.read_text("utf-8") == before.replace('"a","b"', '"a","beta","c"')


def test_nothing_changed_writes_nothing(cassette: Run, write: Write, editor: Any) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    before = path.stat()
    editor("true")
    for what in ((), ("--request",), ("--headers",), ("--interaction",), ("--raw",)):
        result = cassette("edit", *what, path)
        if what != ("--request",):
            assert result.code == 0, result.err
        assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_visual_comes_before_editor_and_may_have_arguments(
    cassette: Run, write: Write, editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    editor("exit 1")
    monkeypatch.setenv("VISUAL", "sed -i s/m-1/m-2/")
    assert cassette("edit", path).code == 0
    assert "m-2" in path.read_text("utf-8")


def test_the_file_is_private_and_goes(cassette: Run, write: Write, editor: Any, tmp_path: Path) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    log = tmp_path / "log"
    editor(f'stat -c "%a %n" "$1" > {log}; stat -c %a "$(dirname "$1")" >> {log}; touch "$1~"')
    assert cassette("edit", path).code == 0
    mode, name = log.read_text().splitlines()[0].split(" ", 1)
    assert (mode, log.read_text().splitlines()[1]) == ("600", "700")
    assert not Path(name).parent.exists()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(os.stat(path).st_mode)


def test_what_cannot_be_taken_is_opened_again_with_the_error_on_top(
    cassette: Run, write: Write, editor: Any, tmp_path: Path
) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    count = tmp_path / "count"
    handed = editor(
        f'echo x >> {count}\nif [ $(wc -l < {count}) = 1 ]; then echo "{{" > "$1"; '
        f'else echo \'{{"model":"m-3"}}\' >> "$1"; sed -i \'/^{{$/d\' "$1"; fi'
    )
    result = cassette("edit", path)
    assert result.code == 0
    assert "not valid JSON" in result.err
    assert handed.read_text().startswith("# cassette: ")
    assert only(path).response.body.json == {"model": "m-3"}


def test_leaving_it_as_it_was_refused_gives_up(cassette: Run, write: Write, editor: Any) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    before = path.read_bytes()
    editor('[ "$(head -c 1 "$1")" = "#" ] || echo "{" > "$1"')
    result = cassette("edit", path)
    assert result.code == 2
    assert "given up" in result.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("script", ["exit 3", 'rm "$1"'])
def test_an_editor_that_fails_writes_nothing(cassette: Run, write: Write, editor: Any, script: str) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    before = path.read_bytes()
    editor(script)
    result = cassette("edit", path)
    assert result.code == 2
    assert "the editor" in result.err
    assert path.read_bytes() == before


def test_a_file_that_changed_meanwhile_is_not_overwritten(cassette: Run, write: Write, editor: Any) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    editor(f'sed -i s/m-1/m-2/ "$1"; echo "# theirs" >> {path}')
    result = cassette("edit", path)
    assert result.code == 2
    assert "changed while it was edited" in result.err
    assert "m-2" not in path.read_text("utf-8")


def test_an_editor_takes_one_interaction(cassette: Run, write: Write, editor: Any) -> None:
    path = write("a.yaml", govcr(interaction(JSON), interaction(JSON)))
    editor("true")
    result = cassette("edit", path)
    assert result.code == 2
    assert f"{path}#0" in result.err


def test_without_an_editor_or_a_terminal(cassette: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr(os, "isatty", lambda _: False)
    result = cassette("edit", write("a.yaml", govcr(interaction(JSON))))
    assert result.code == 2
    assert "--with" in result.err


def test_a_filter_changes_all_that_is_chosen(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction(JSON), interaction(JSON, code=404), interaction(JSON)))
    result = cassette("edit", path, "--status", "200", "--with", "sed s/m-1/m-2/")
    assert result.code == 0
    assert result.out == f"{path}  2 interactions changed: #0, #2\n"
    assert path.read_text("utf-8").count("m-2") == 2


@pytest.mark.parametrize("command", ["exit 4", "echo {", "printf '\\377\\376'"])
def test_a_filter_that_fails_or_gives_no_json_writes_nothing(cassette: Run, write: Write, command: str) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    before = path.read_bytes()
    result = cassette("edit", path, "--with", command)
    assert result.code == 2
    assert f"{path}:4: interaction 0: " in result.err
    assert path.read_bytes() == before


def test_text_keeps_its_missing_line_break(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction('"<a>\\n  <b/>\\n</a>"', content_type="application/xml")))
    before = path.read_text("utf-8")
    assert cassette("edit", path, "--with", "sed 's:<b/>:<c/>:'").code == 0
    assert path.read_text("utf-8") == before.replace("<b/>", "<c/>")


@pytest.mark.parametrize("length", [True, False])
def test_through_base64_and_gzip_with_the_lengths(cassette: Run, write: Write, length: bool) -> None:
    data = gzip.compress(b'{"say": "hello"}', 6, mtime=0)
    text = cassette_text(
        data,
        content_type="application/json",
        headers={"Content-Encoding": "gzip", "Content-Length": str(len(data))},
        length=len(data) if length else None,
    )
    path = write("a.yaml", text)
    assert cassette("edit", path, "--with", "sed 's/hello/hello, hello and hello/'").code == 0
    response = only(path).response
    assert response.body.json == {"say": "hello, hello and hello"}
    wire = len(base64.b64decode(response.body.node.value))
    assert response.headers.get("Content-Length") == str(wire)
    assert f"content_length: {wire if length else -1}" in path.read_text("utf-8")


def test_headers_as_lines(cassette: Run, write: Write) -> None:
    path = write(
        "a.yaml",
        govcr(
            interaction("a").replace(
                "        status:", "            X-B:\n              - '1'\n              - '2'\n        status:"
            )
        ),
    )
    before = path.read_text("utf-8")
    done = cassette(
        "edit", path, "--headers", "--with", "sed '/: 1/d; s/application.json/text\\/plain/; $a X-New: yes: it is'"
    )
    assert done.code == 0, done.err
    assert path.read_text("utf-8") == before.replace("application/json", "text/plain").replace(
        "              - '1'\n", ""
    ).replace("              - '2'\n", "              - '2'\n            X-New:\n              - 'yes: it is'\n")
    refused = cassette("edit", path, "--headers", "--with", "echo what")
    assert refused.code == 2
    assert "line 1 is not a header" in refused.err


def test_the_whole_interaction_as_yaml(cassette: Run, write: Write, editor: Any) -> None:
    path = write("a.yaml", govcr(interaction(JSON, request_body="""'{"q":1}'""", method="POST")))
    before = path.read_text("utf-8")
    handed = editor(
        "sed -i 's/status: 200/status: 503/; s/reason: Example/reason: Gone Fishing/; s/method: POST/method: PUT/;"
        ' s/"q": 1/"q": 2/; s/m-1/m-2/; s#/v1/things#/v2/things#\' "$1"'
    )
    result = cassette("edit", path, "--interaction")
    assert result.code == 0, result.err
    assert handed.read_text().startswith(
        "request:\n  method: POST\n  url: https://api.example.com/v1/things\n  headers:\n"
    )
    expected = before
    for old, new in [
        ("200 Example", "503 Gone Fishing"), ("code: 200", "code: 503"), ("method: POST", "method: PUT"),
        ('{"q":1}', '{"q":2}'), ("m-1", "m-2"), ("/v1/things", "/v2/things"),
    ]:  # fmt: skip
        expected = expected.replace(old, new)
    assert path.read_text("utf-8") == expected


def stream(*, arguments: tuple[str, ...] = ('{"city"', ': "Oslo"}')) -> str:
    deltas: list[Any] = [{"role": "assistant", "content": "Look"}, {"content": " it up."}]
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    deltas.append({"tool_calls": [call]})
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in arguments]
    chunks = [
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "model": "m",
            "choices": [{"index": 0, "delta": d, "finish_reason": None}],
        }
        for d in deltas
    ]
    chunks.append(
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "model": "m",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}],
        }
    )
    chunks.append(
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "model": "m",
            "choices": [],
            "usage": {"prompt_tokens": 7, "completion_tokens": 9},
        }
    )
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def test_a_rebuilt_answer_as_yaml(cassette: Run, write: Write, editor: Any) -> None:
    text = cassette_text(stream())
    path = write("a.yaml", text)
    handed = editor(
        "sed -i 's/Look it up./Look it up now./; s/Oslo/Bergen/; s/finish_reason: tool_calls/finish_reason: stop/;"
        ' s/completion_tokens: 9/completion_tokens: 10/\' "$1"'
    )
    assert cassette("edit", path, "--message").code == 0
    assert handed.read_text() == (
        "model: m\ntext: Look it up.\ntool_calls:\n- id: call_1\n  name: weather\n  arguments: |-\n    {\n"
        '      "city": "Oslo"\n    }\nfinish_reason: tool_calls\nusage:\n  prompt_tokens: 7\n  completion_tokens: 9\n'
    )
    assert path.read_text("utf-8") == text.replace(" it up.", " it up now.").replace("Oslo", "Bergen").replace(
        '\\"tool_calls\\"}', '\\"stop\\"}'
    ).replace('completion_tokens\\": 9', 'completion_tokens\\": 10')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("s/text:/words:/", "'words' cannot be added"),
        ("/finish_reason/d", "finish_reason"),
        ("s/^text: .*/text: [1]/", "must stay one"),
        ("s/model: m/model: [/", "not valid YAML"),
        ("s/- id: call_1/- id: call_1\\n- id: call_2/", "must keep as many"),
    ],
)
def test_an_answer_cannot_be_given_other_parts(cassette: Run, write: Write, change: str, words: str) -> None:
    path = write("a.yaml", cassette_text(stream()))
    before = path.read_bytes()
    result = cassette("edit", path, "--message", "--with", f"sed '{change}'")
    assert result.code == 2
    assert words in result.err
    assert path.read_bytes() == before


def event_stream(*payloads: dict[str, Any]) -> bytes:
    headers = eventstream.text_headers(
        {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    )
    return eventstream.encode(eventstream.EventMessage(headers, json.dumps(one).encode()) for one in payloads)


def test_an_aws_event_stream_as_lines_gets_right_checksums(cassette: Run, write: Write) -> None:
    inner = base64.b64encode(b'{"outputText": "Hello", "index": 0}').decode()
    body = event_stream({"plain": "Hello"}, {"bytes": inner})
    path = write("a.yaml", cassette_text(body, content_type="application/vnd.amazon.eventstream"))
    result = cassette("edit", path, "--with", "sed s/Hello/Hello,\\ you/")
    assert result.code == 0, result.err
    wanted = base64.b64encode(b'{"outputText": "Hello, you", "index": 0}').decode()
    assert only(path).response.body.payload == event_stream({"plain": "Hello, you"}, {"bytes": wanted})
    refused = cassette("edit", path, "--with", "head -n 1")
    assert refused.code == 2
    assert "must keep as many" in refused.err


def test_a_binary_body_only_with_raw(cassette: Run, write: Write) -> None:
    path = write("a.yaml", cassette_text(b"\x89PNG\r\n\x1a\n\0\0", content_type="image/png"))
    before = path.read_bytes()
    result = cassette("edit", path, "--with", "cat")
    assert result.code == 2
    assert "--raw" in result.err
    assert path.read_bytes() == before
    assert cassette("edit", path, "--raw", "--with", "tr P Q").code == 0
    assert only(path).response.body.payload == b"\x89QNG\r\n\x1a\n\0\0"


def test_as_a_filter_and_elsewhere(cassette: Run, write: Write, tmp_path: Path) -> None:
    text = govcr(interaction(JSON))
    changed = text.replace("m-1", "m-2")
    assert cassette("edit", "-", "--with", "sed s/m-1/m-2/", stdin=text.encode()).out == changed
    path = write("a.yaml", text)
    assert cassette("edit", path, "--with", "sed s/m-1/m-2/", "-o", tmp_path / "b.yaml").code == 0
    assert (path.read_text("utf-8"), (tmp_path / "b.yaml").read_text("utf-8")) == (text, changed)
    assert cassette("edit", path, "--with", "sed s/m-1/m-2/", "--check").code == 1
    assert cassette("edit", path, "--with", "cat", "--check").code == 0
    patch = cassette("edit", path, "--with", "sed s/m-1/m-2/", "--diff")
    assert [line[:1] for line in patch.out.splitlines()].count("+") == 2
    assert path.read_text("utf-8") == text


def test_options_that_exclude_each_other(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction(JSON)))
    for options in (("--message", "--headers"), ("--raw", "--interaction"), ("--request", "--message")):
        assert cassette("edit", path, *options, "--with", "cat").code == 2

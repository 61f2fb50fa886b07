"""`cassette decode`: bodies as text, in each recorder's own way; the recorders replay them to the same client result."""

import base64
import gzip
import json
import shutil
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cassette_cli.formats.registry import load
from cassette_cli.source.document import Document
from commands.conftest import govcr, interaction
from operations.planting import Exchange
from operations.recorders import ENCODED, betamax, cassetter, exvcr, har, rubyvcr, vcrpy
from operations.trim_support import cassette_text

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

BODY = '{"id": "r-1", "text": "caf\u00e9 \u2713: #x\\n"}'
URL = "https://api.example.com/v1/chat?stream=true"


def packed(body: bytes, coding: str) -> bytes:
    return {"gzip": lambda: gzip.compress(body, mtime=0), "deflate": lambda: zlib.compress(body)}[coding]()


def exchange(coding: str | None, body: str = BODY) -> Exchange:
    data = body.encode() if coding is None else packed(body.encode(), coding)
    headers = {} if coding is None else {"Content-Encoding": [coding]}
    got = {"Content-Type": ["application/json; charset=utf-8"], **headers}
    return Exchange(url=URL, got=got, response=data)


def response(path: Path) -> Any:
    return load(Document(path.read_bytes(), path)).interactions[0].response


WRITERS = {
    "VCR.py": vcrpy, "Ruby VCR": rubyvcr, "Betamax": lambda one: betamax(one).replace("ASCII-8BIT", "utf-8"), "HAR": har,
    "go-vcr": lambda one: cassette_text(one.response, content_type=one.got["Content-Type"][0], headers={"Content-Encoding": "gzip", "Content-Length": str(len(one.response))}, length=len(one.response)),
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
def test_a_body_becomes_text_and_its_header_goes(cassette: Run, write: Write, writer: str) -> None:
    text = WRITERS[writer](exchange("gzip"))
    path = write("a.json" if text[0] == "{" else "a.yaml", text)
    assert cassette("decode", path, "--check").code == 1
    assert path.read_text("utf-8") == text
    result = cassette("decode", path)
    assert (result.code, result.out, result.err) == (0, f"{path}  1 interaction decoded: #0\n", "")
    found = response(path)
    assert (found.body.payload, found.body.layers, found.body.notes) == (BODY, (), [])
    assert found.headers.get("Content-Encoding") == ""
    stated = [node.value for node in found.body.lengths if node.value.isdecimal()]
    assert stated == [str(len(BODY.encode()))] * len(stated)
    assert "base64" not in path.read_text("utf-8")
    assert "binary" not in path.read_text("utf-8")
    assert cassette("decode", path, "--check").code == 0


def test_ruby_notes_what_was_taken_off(cassette: Run, write: Write) -> None:
    path = write("a.yaml", rubyvcr(exchange("deflate")))
    assert cassette("decode", path).code == 0
    made = yaml.safe_load(path.read_text("utf-8"))["http_interactions"][0]["response"]
    assert made["adapter_metadata"] == {"vcr_decompressed": "deflate"}
    assert made["body"]["string"] == BODY


def test_base64_of_elixir_and_hexadecimal_of_rust(cassette: Run, write: Write) -> None:
    term = b"\x83m" + len(BODY.encode()).to_bytes(4, "big") + BODY.encode()
    text = exvcr(Exchange(response=base64.b64encode(term).decode())).replace('"binary": false', '"binary": true')
    path = write("a.json", text)
    assert cassette("decode", path).code == 0
    assert json.loads(path.read_text("utf-8"))[0]["response"] | {"headers": {}} == {
        "binary": False, "body": BODY, "headers": {}, "status_code": 200, "type": "ok",
    }  # fmt: skip
    head, _, tail = cassetter(Exchange(response="BODY")).rpartition("text")
    path = write("b.yaml", f"{head}binary{tail}".replace("BODY", BODY.encode().hex()))
    assert cassette("decode", path).code == 0
    assert yaml.safe_load(path.read_text("utf-8"))["interactions"][0]["response"]["body"] == {
        "type": "text",
        "content": BODY,
    }


@pytest.mark.parametrize("writer", ENCODED)
def test_requests_only_where_they_are_asked_for(cassette: Run, write: Write, writer: str) -> None:
    path = write("a.yaml", ENCODED[writer](Exchange(response=BODY)))
    before = load(Document(path.read_bytes())).interactions[0].request.body
    assert cassette("decode", path).code == 0
    found = load(Document(path.read_bytes())).interactions[0]
    assert found.request.body.layers == before.layers
    assert (found.response.body.payload, found.response.body.layers) == (BODY, ())
    assert cassette("decode", path, "--requests").code == 0
    found = load(Document(path.read_bytes())).interactions[0]
    assert (found.request.body.payload, found.request.body.layers) == (before.payload, ())


def test_an_encoding_that_would_make_other_bytes_is_left_alone(cassette: Run, write: Write) -> None:
    path = write(
        "tape.json", dated(betamax(exchange("gzip"))).replace('"encoding": "utf-8"', '"encoding": "ISO-8859-1"')
    )
    before = path.read_bytes()
    result = cassette("decode", path)
    assert result.code == 0
    assert "its encoding, ISO-8859-1" in result.out
    assert path.read_bytes() == before


def test_what_is_no_text_stays_and_what_cannot_be_read_counts(cassette: Run, write: Write) -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0"
    stays = write("a.yaml", cassette_text(picture, content_type="image/png"))
    assert cassette("decode", stays).err == "cassette: nothing to change in 1 cassette\n"
    latin = write("b.yaml", cassette_text("caf\u00e9".encode("latin-1"), content_type="text/plain"))
    result = cassette("decode", latin)
    assert result.code == 0
    assert "left alone" in result.out
    damaged = write("c.yaml", cassette_text(b"\x1f\x8b\x08 damaged", headers={"Content-Encoding": "gzip"}))
    before = damaged.read_bytes()
    result = cassette("decode", damaged)
    assert result.code == 1
    assert "#0 response left alone: damaged" in result.out
    assert damaged.read_bytes() == before


def test_pretty_lays_json_out_and_leaves_the_rest(cassette: Run, write: Write) -> None:
    path = write("a.yaml", govcr(interaction("""'{"a":[1,2.50]}'"""), interaction("'plain'"), interaction("'[]'")))
    before = path.read_text("utf-8")
    assert cassette("decode", path, "--pretty").out == f"{path}  1 interaction decoded: #0\n"
    assert path.read_text("utf-8") == before.replace(
        """'{"a":[1,2.50]}'""",
        '|-\n            {\n              "a": [\n                1,\n                2.50\n              ]\n            }',
    )
    assert cassette("decode", path, "--pretty", "--check").code == 0
    in_json = write("b.json", vcr_json())
    assert cassette("decode", in_json, "--pretty").err == "cassette: nothing to change in 1 cassette\n"


def vcr_json() -> str:
    from operations.recorders import vcrpy_json

    return vcrpy_json(Exchange(response='{"a":1}'))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("pretty", [(), ("--pretty",)])
def test_vcrpy_replays_it(cassette: Run, write: Write, coding: str, pretty: tuple[str, ...]) -> None:
    path = write("a.yaml", vcrpy(exchange(coding)))
    before = by_vcrpy(path)
    assert cassette("decode", path, *pretty).code == 0
    after = by_vcrpy(path)
    assert after.json() == before.json() == json.loads(BODY)
    assert pretty or after.content == before.content
    assert after.headers["Content-Length"] == str(len(after.content))


def by_vcrpy(path: Path) -> Any:
    """Replay a cassette by VCR.py; httpx takes the coding off, as it would over the wire."""
    vcr, httpx = pytest.importorskip("vcr"), pytest.importorskip("httpx")
    with vcr.VCR(record_mode="none").use_cassette(str(path)) as tape:
        answer = httpx.post(URL, content=b"")
    assert tape.play_count == 1
    return answer


def test_vcrpy_stores_the_same(cassette: Run, write: Write) -> None:
    filters = pytest.importorskip("vcr.filters")
    path = write("a.yaml", vcrpy(exchange("gzip")))
    recorded = yaml.safe_load(path.read_text("utf-8"))["interactions"][0]["response"]
    assert cassette("decode", path).code == 0
    ours = yaml.safe_load(path.read_text("utf-8"))["interactions"][0]["response"]
    theirs = filters.decode_response(recorded)
    theirs["body"]["string"] = theirs["body"]["string"].decode()
    assert {k.lower(): v for k, v in ours.pop("headers").items()} == {
        k.lower(): v for k, v in theirs.pop("headers").items()
    }
    assert ours == theirs


def dated(text: str) -> str:
    """Write the time of the recording, the method and the encoding as Betamax does."""
    text = text.replace("Mon, 05 Jan 2026 10:00:00 GMT", "2026-01-05T10:00:00")
    return text.replace('"post"', '"POST"').replace("ASCII-8BIT", "utf-8")


def by_betamax(folder: Path) -> Any:
    betamax_module, requests = pytest.importorskip("betamax"), pytest.importorskip("requests")
    session = requests.Session()
    with betamax_module.Betamax(session, cassette_library_dir=str(folder)).use_cassette("tape", record="none"):
        return session.post(URL, data=b"", timeout=5)


@pytest.mark.parametrize("coding", ["gzip", None])
def test_betamax_replays_it(cassette: Run, tmp_path: Path, coding: str | None) -> None:
    path = tmp_path / "tape.json"
    path.write_text(dated(betamax(exchange(coding))))
    before = by_betamax(tmp_path)
    assert cassette("decode", path).code == 0
    after = by_betamax(tmp_path)
    assert after.content == before.content == BODY.encode()
    assert (after.text, after.status_code) == (before.text, before.status_code)


RUBY = """
require "json"
require "net/http"
require "zlib"
require "vcr"
require "webmock"
VCR.configure { |c| c.cassette_library_dir = ARGV[0]; c.hook_into :webmock }
VCR.use_cassette("tape", record: :none) do
  uri = URI(ARGV[1])
  answer = Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(Net::HTTP::Post.new(uri)) }
  body = answer.body.dup.force_encoding("ASCII-8BIT")
  body = Zlib::GzipReader.new(StringIO.new(body)).read if answer["Content-Encoding"] == "gzip"
  body = Zlib::Inflate.inflate(body) if answer["Content-Encoding"] == "deflate"
  puts JSON.generate(status: answer.code, body: body.force_encoding("UTF-8"), reason: answer.message, retry: answer["Retry-After"])
end
"""


def ruby(folder: Path) -> Any:
    """Replay a cassette by Ruby VCR, or skip where that is not at hand."""
    program = shutil.which("ruby")
    if (
        program is None
        or subprocess.run([program, "-rvcr", "-rwebmock", "-e", "1"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Ruby VCR is not installed")
    done = subprocess.run([program, "-W0", "-e", RUBY, str(folder), URL], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_ruby_vcr_replays_it(cassette: Run, tmp_path: Path, coding: str) -> None:
    path = tmp_path / "tape.yml"
    path.write_text(rubyvcr(exchange(coding)))
    before = ruby(tmp_path)
    assert before["body"] == BODY
    assert cassette("decode", path).code == 0
    assert ruby(tmp_path) == before


def test_ruby_vcr_replays_what_was_set(cassette: Run, tmp_path: Path) -> None:
    path = tmp_path / "tape.yml"
    path.write_text(rubyvcr(exchange("gzip")))
    done = cassette("set", path, "status=429", "header:retry-after=3", 'body:$.text="na \u2713: # x"')
    assert done.code == 0
    found = ruby(tmp_path)
    assert (found["status"], found["reason"], found["retry"]) == ("429", "Too Many Requests", "3")
    assert json.loads(found["body"]) == {"id": "r-1", "text": "na \u2713: # x"}


def test_vcrpy_and_betamax_replay_what_was_set(cassette: Run, tmp_path: Path) -> None:
    for name, text in (("a.yaml", vcrpy(exchange("gzip"))), ("tape.json", dated(betamax(exchange("gzip"))))):
        path = tmp_path / name
        path.write_text(text)
        assert cassette("set", path, "status=429", "header:retry-after=3", "body:$.text=na").code == 0
    for answer in (by_vcrpy(tmp_path / "a.yaml"), by_betamax(tmp_path)):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
        assert answer.json() == {"id": "r-1", "text": "na"}

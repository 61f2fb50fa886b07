"""Each recorder's own way to keep a call: read alike, edited byte for byte, known when cut, honest on new fields."""

import json
from urllib.parse import parse_qsl

import pytest

from cassette_cli.__main__ import main
from cassette_cli.formats import registry
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply
from formats.recordings import FORMS, LONE, RECORDINGS, URL, answered, asked
from formats.support import cassette, table

WORD = "kV7pQ2mX9" + "tR4wLz8"
NAMES = pytest.mark.parametrize("name", RECORDINGS)


def text(name, word=WORD):
    return RECORDINGS[name][1](word)


def request_of(name, payload):
    if name in LONE:
        return None
    if name in FORMS:
        return dict(parse_qsl(payload))
    return json.loads(payload.removesuffix("\n--"))


@NAMES
def test_one_format_claims_it_and_reads_the_call(name):
    read = cassette(text(name))
    assert read.format == RECORDINGS[name][0]
    ((method, url, status, _, request, response),) = table(read)
    assert (method, url, status) == ("POST", URL, 201)
    assert request_of(name, request) == (None if name in LONE else asked(WORD))
    assert json.loads(response) == answered(WORD)
    assert list(read.unread_parts()) == []


@NAMES
@pytest.mark.parametrize("new", ["x", "a longer word, by far", 'caf\u00e9 "\u2713"'])
def test_an_edit_of_either_body_changes_that_alone(name, new):
    read = cassette(text(name))
    interaction = read.interactions[0]
    for side, body in (("request", interaction.request.body), ("response", interaction.response.body)):
        if side == "request" and name in LONE:
            continue
        payload = body.payload
        at = payload.index(WORD)
        inner = json.dumps(new, ensure_ascii=False)[1:-1] if not (side == "request" and name in FORMS) else "%C3%A9"
        document = apply(read.document, body.edit([(at, at + len(WORD), inner)]))
        again = registry.load(document).interactions[0]
        changed = again.request.body if side == "request" else again.response.body
        assert changed.payload == payload[:at] + inner + payload[at + len(WORD) :]
        # Nothing but the values that hold the body, or state its size, differs: all else is the same tree and text.
        old, now = read.document.text.splitlines(), document.text.splitlines()
        assert len(old) == len(now) or name == "r vcr"
        assert sum(a != b for a, b in zip(old, now, strict=False)) <= 4


@NAMES
def test_redact_finds_the_word_behind_every_layer(name, tmp_path, capsys):
    path = tmp_path / "recording.json"
    path.write_text(text(name), "utf-8")
    assert main(["redact", "--check", str(path)]) == 1
    assert main(["redact", str(path)]) == 0
    capsys.readouterr()
    assert main(["redact", "--check", str(path)]) == 0
    read = registry.load(Document(path.read_bytes(), path))
    interaction = read.interactions[0]
    shown = f"{interaction.request.body.payload} {interaction.response.body.payload} {path.read_text('utf-8')}"
    assert WORD not in shown
    assert json.loads(interaction.response.body.payload).keys() == answered(WORD).keys()


@NAMES
@pytest.mark.parametrize("part", [0.6, 0.8, 0.95])
def test_a_cut_recording_resembles_one(name, part):
    whole = text(name).encode()
    assert registry.is_known(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("name", [name for name in RECORDINGS if not name.startswith(("har", "r vcr", "responses"))])
def test_an_unknown_field_beside_the_answer_is_not_read(name):
    value = json.loads(text(name))
    holders = []

    def walk(one):
        if isinstance(one, dict):
            if {"status", "StatusCode", "statusCode", "status_code", "Status"} & one.keys():
                holders.append(one)
            for inner in one.values():
                walk(inner)
        elif isinstance(one, list):
            for inner in one:
                walk(inner)

    walk(value)
    holders[0] |= {"attachments": [{"data": "eA=="}], "elapsedMs": 3, "flag": True, "metadata": {"a": 1}}
    found = list(cassette(json.dumps(value)).unread_parts())
    assert [one.where.rpartition(".")[2] for one in found] == ["attachments"]
    assert found[0].interaction == 0


SECRET = "sk-" + "ant-api03-" + "Q7zW" * 11


def events(*parts):
    """Return the segments of a Gemini stream, and what the SDK made of them."""
    return [{"candidates": [{"content": {"role": "model", "parts": [{"text": part}]}, "index": 0}]} for part in parts]


def redacted(tmp_path, text, name="recording.json"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert main(["redact", "--check", str(path)]) == 1
    assert main(["redact", str(path)]) == 0
    assert main(["redact", "--check", str(path)]) == 0
    return path.read_text("utf-8")


def test_a_key_over_several_segments_goes_from_the_body_and_its_copy(tmp_path):
    text = json.loads(RECORDINGS["genai"][1]("word"))
    parts = events("key ", SECRET[:20], SECRET[20:], " end")
    text["interactions"][0]["response"] |= {"body_segments": parts, "sdk_response_segments": parts}
    after = redacted(tmp_path, json.dumps(text, indent=1))
    assert SECRET[:20] not in after
    assert SECRET[20:] not in after


def test_a_key_over_several_chunks_goes_from_their_copies(tmp_path):
    import base64

    delta = '{"choices": [{"index": 0, "delta": {"content": "%s"}}], "object": "chat.completion.chunk"}'
    frames = [f"data: {delta % part}\n\n" for part in ("key ", SECRET[:20], SECRET[20:], " end")]
    text = json.loads(RECORDINGS["req_llm, chunks"][1]("word"))
    text["chunks"] = [{"b64": base64.b64encode(one.encode()).decode(), "decoded": one} for one in frames]
    text["response"]["headers"] = {"content-type": "text/event-stream"}
    after = json.loads(redacted(tmp_path, json.dumps(text, indent=1)))
    for chunk in after["chunks"]:
        assert base64.b64decode(chunk["b64"]).decode() == chunk["decoded"]
        assert SECRET[:20] not in chunk["decoded"]
        assert SECRET[20:] not in chunk["decoded"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("nock", '"X-Request-Id",\n      "abc"', f'"Authorization",\n      "Bearer {WORD}"'),
        ("nock, gzip", '"accept": "*/*"', f'"authorization": "Bearer {WORD}"'),
        ("nock", "page=2", f"page=2&api_key={WORD}"),
        ("easyvcr", '"X-Request-Id": "abc"', f'"Set-Cookie": "sid={WORD}"'),
        ("easyvcr", '"Accept": "*/*"', f'"Authorization": "Bearer {WORD}"'),
        ("httpreplay", '"Accept": [\n            "*/*"', f'"X-Api-Key": [\n            "{WORD}"'),
        ("azure", '"Accept": [\n          "a"', f'"Authorization": [\n          "Bearer {WORD}"'),
        ("req_cassette", "page=2", f"page=2&api_key={WORD}"),
        ("genai", "{REDACTED}", WORD),
    ],
)
def test_secrets_in_headers_and_addresses_go(tmp_path, name, old, new):
    text = RECORDINGS[name][1]("harmless")
    assert text.count(old) == 1
    after = redacted(tmp_path, text.replace(old, new))
    assert WORD not in after

"""The real VCR.py loads and replays what was edited: each variant of its cassettes, request and response changed."""

import base64
import gzip
import json
from pathlib import Path

import httpx
import pytest
import requests
import vcr
import yaml
from vcr import migration

from cassette_cli.formats.registry import load
from cassette_cli.model.http import Interaction
from cassette_cli.source.compression import unwrap, wrap
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply
from record_examples import SideBySide

URL = "http://cassette.invalid/v1"
OLD_REQUEST, OLD_RESPONSE = '{"ask": "old"}', '{"say": "old"}'
NEW_REQUEST = '{"ask": "caf\u00e9 \u2713 \'x\': # \\"y\\"\\n"}'
NEW_RESPONSE = '{"say": "line\\n\u2713 \'x\': \\"y\\" \U0001f600"}'


def base64_block(text: str, indent: int, *, packed: bool) -> str:
    data = gzip.compress(text.encode(), mtime=0) if packed else text.encode()
    lines = base64.encodebytes(data).decode().splitlines()
    return "!!binary |\n" + "\n".join(" " * indent + line for line in lines)


def in_yaml(request: str, response: str, headers: str = "{}") -> str:
    return f"""\
interactions:
- request:
    {request}
    headers:
      Content-Length: ['14']
      Content-Type: [application/json]
    method: POST
    uri: {URL}
  response:
    {response}
    headers: {headers}
    status: {{code: 200, message: OK}}
version: 1
"""


IN_JSON = json.dumps(
    {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "POST", "uri": URL, "body": OLD_REQUEST, "headers": {}},
                "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": OLD_RESPONSE}},
            }
        ],
    },
    indent=4,
)

VARIANTS = {
    "plain": in_yaml(f"body: '{OLD_REQUEST}'", f"body: {{string: '{OLD_RESPONSE}'}}"),
    "double-quoted": in_yaml(f"body: {json.dumps(OLD_REQUEST)}", f"body: {{string: {json.dumps(OLD_RESPONSE)}}}"),
    "literal": in_yaml(f"body: |-\n      {OLD_REQUEST}", f"body:\n      string: |-\n        {OLD_RESPONSE}"),
    "binary": in_yaml(
        "body: " + base64_block(OLD_REQUEST, 6, packed=False),
        "body:\n      string: " + base64_block(OLD_RESPONSE, 8, packed=False),
    ),
    "gzip": in_yaml(
        f"body: '{OLD_REQUEST}'",
        "body:\n      string: " + base64_block(OLD_RESPONSE, 8, packed=True),
        "{Content-Encoding: [gzip], Content-Length: ['34']}",
    ),
    "unicode-tag": in_yaml(
        f"body: !!python/unicode '{OLD_REQUEST}'", f"body: {{string: !!python/unicode '{OLD_RESPONSE}'}}"
    ),
    "bytesio": in_yaml(
        "body: !!python/object/new:_io.BytesIO\n      state: !!python/tuple\n      - "
        + base64_block(OLD_REQUEST, 8, packed=False)
        + "\n      - 0\n      - null",
        f"body: {{string: '{OLD_RESPONSE}'}}",
    ),
}


def edit(path: Path) -> None:
    """Change request and response of the only interaction, and write the file as `cassette` would."""
    text, codec = unwrap(path.read_bytes(), path.name)
    document = Document(text, path)
    one = load(document).interactions[0]
    assert (one.request.body.text, one.response.body.text) == (OLD_REQUEST, OLD_RESPONSE)
    after = apply(document, [*one.request.body.replace(NEW_REQUEST), *one.response.body.replace(NEW_RESPONSE)])
    path.write_bytes(wrap(after.raw, codec))
    check_lengths(load(after).interactions[0])


def check_lengths(one: Interaction) -> None:
    for body in (one.request.body, one.response.body):
        for node in body.lengths:
            stored = len(body.data) if "gzip" not in body.layers else body._stack.wire
            assert node.value == str(stored)


def recorder(**more) -> vcr.VCR:
    made = vcr.VCR(record_mode="none", match_on=["method", "uri", "body"], **more)
    made.register_serializer("side-by-side", SideBySide)
    made.register_serializer("parsed", ParsedBodies)
    return made


def replayed(path: Path, serializer: str = "yaml", *, by: str = "requests") -> str:
    """Ask for the recording by the new request; VCR.py refuses whatever it does not find in the file."""
    headers = {"Content-Type": "application/json"}
    with recorder().use_cassette(str(path), serializer=serializer) as cassette:
        if by == "httpx":
            with httpx.Client(trust_env=False) as client:
                content = client.post(URL, content=NEW_REQUEST.encode(), headers=headers).content
        else:
            with requests.Session() as session:
                content = session.post(URL, data=NEW_REQUEST.encode(), headers=headers, timeout=5).content
        assert cassette.play_count == 1
    return content.decode()


@pytest.mark.parametrize("variant", VARIANTS)
def test_yaml_variants(tmp_path, variant):
    path = tmp_path / "a.yaml"
    path.write_text(VARIANTS[variant], "utf-8")
    edit(path)
    # Over urllib3 2, VCR.py hands requests a compressed body as it is; httpx undoes the coding itself.
    assert replayed(path, by="httpx" if variant == "gzip" else "requests") == NEW_RESPONSE


def test_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(IN_JSON, "utf-8")
    edit(path)
    assert replayed(path, "json") == NEW_RESPONSE


class ParsedBodies:
    """A serializer in the manner of pydantic-ai's: a JSON body is stored as a structure, `parsed_body`."""

    @staticmethod
    def deserialize(cassette_string: str):
        data = yaml.safe_load(cassette_string)
        for interaction in data["interactions"]:
            for kind, part in interaction.items():
                body = json.dumps(part.pop("parsed_body"), ensure_ascii=False)
                part["body"] = {"string": body} if kind == "response" else body
        return data

    @staticmethod
    def serialize(cassette_dict) -> str:
        raise NotImplementedError


def test_parsed_bodies(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(in_yaml("parsed_body: {ask: old}", "parsed_body:\n      say: old"), "utf-8")
    edit(path)
    assert json.loads(replayed(path, "parsed")) == json.loads(NEW_RESPONSE)


def test_parallel_lists_in_gzip(tmp_path):
    plain = yaml.safe_load(VARIANTS["plain"])["interactions"][0]
    text = yaml.safe_dump({"requests": [plain["request"]], "responses": [plain["response"]]})
    path = tmp_path / "a.yaml.gz"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    edit(path)
    unpacked = tmp_path / "a.yaml"
    unpacked.write_bytes(gzip.decompress(path.read_bytes()))
    assert replayed(unpacked, "side-by-side") == NEW_RESPONSE


@pytest.mark.parametrize("content", [f"'{OLD_RESPONSE}'", base64_block(OLD_RESPONSE, 6, packed=False)])
def test_older_httpx_responses(tmp_path, content):
    path = tmp_path / "a.yaml"
    text = in_yaml(f"body: '{OLD_REQUEST}'", f"content: {content}\n    http_version: HTTP/1.1")
    path.write_text(text.replace("status: {code: 200, message: OK}", "status_code: 200"), "utf-8")
    edit(path)
    assert replayed(path, by="httpx") == NEW_RESPONSE


def test_lists_of_version_zero_after_vcrpys_own_migration(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        f"""\
- request: !!python/object:vcr.request.Request
    body: '{OLD_REQUEST}'
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [accept, '*/*']
    host: cassette.invalid
    method: POST
    path: /v1
    port: 80
    protocol: http
  response:
    body: {{string: !!python/unicode '{OLD_RESPONSE}'}}
    headers: [!!python/unicode "content-type: application/json\\r\\n"]
    status: {{code: 200, message: OK}}
""",
        "utf-8",
    )
    edit(path)
    assert migration.try_migrate(str(path))
    assert replayed(path) == NEW_RESPONSE


def test_a_body_that_was_nothing_stays_nothing(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(in_yaml("body: null", f"body: {{string: '{OLD_RESPONSE}'}}").replace("POST", "GET"), "utf-8")
    document = Document(path.read_bytes(), path)
    one = load(document).interactions[0]
    assert one.request.body.replace("") == []
    path.write_bytes(apply(document, one.response.body.replace(NEW_RESPONSE)).raw)
    with recorder().use_cassette(str(path)), requests.Session() as session:
        assert session.get(URL, timeout=5).content.decode() == NEW_RESPONSE


def test_a_header_that_was_changed_is_replayed(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(in_yaml("body: null", "body: {string: x}", "{X-Old: [one, two]}").replace("POST", "GET"), "utf-8")
    document = Document(path.read_bytes(), path)
    line = load(document).interactions[0].response.headers.line("x-old")
    path.write_bytes(apply(document, [line.replace("a, b: c # d")]).raw)
    with recorder().use_cassette(str(path)), requests.Session() as session:
        assert session.get(URL, timeout=5).headers["X-Old"] == "a, b: c # d, two"

"""The hiding places that need a cassette of their own: encodings, YAML's tricks, streams, recordings of other things."""

import base64
import gzip
import json
import textwrap

import pytest

from operations.planting import BASE, SHAPES, chunk, cut, emptied, events, invoked, jwt, pem, rng, secret, sse
from operations.recorders import EXACT, binary, govcr, packed, rubyvcr, vcrpy
from operations.redact_support import leaks, load, plan, redacted

KEY = SHAPES["openai"](rng("places"))
S = secret(rng("places S"))


def cassette(
    headers: str = "",
    body: str = '"{}"',
    answer: str = '"{}"',
    *,
    got: str = "",
    uri: str = '"https://x.example/"',
    more: str = "",
) -> str:
    """Return a VCR.py cassette out of YAML pieces."""
    head = textwrap.indent(textwrap.dedent(headers).strip("\n"), "      ") if headers else "      Accept: ['*/*']"
    answers = textwrap.indent(textwrap.dedent(got).strip("\n"), "      ") if got else "      Server: ['x']"
    return (
        f"interactions:\n- request:\n    body: {body}\n    headers:\n{head}\n    method: GET\n    uri: {uri}\n"
        f"  response:\n    body:\n      string: {answer}\n    headers:\n{answers}\n    status: {{code: 200, message: OK}}\n"
        f"{textwrap.indent(textwrap.dedent(more).strip(chr(10)), '  ')}{chr(10) if more else ''}version: 1\n"
    )


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def swapped(text: str, *secrets: str) -> None:
    """Assert that redacting changes the secrets alone, and twice is once."""
    done = redacted(text)
    expected = text
    for one in secrets:
        expected = expected.replace(one, "REDACTED")
    assert done.text == expected
    assert not redacted(done.text).result.findings


TEXTUAL = {
    "2 second value": cassette(f"Authorization:\n- <REDACTED>\n- Bearer {S}"),
    "3 scalar header": cassette(f"X-Api-Key: {S}"),
    "6 Basic": cassette(f"Authorization: [Basic {b64('svc:' + S)}]"),
    "15 percent-encoded": cassette(uri=f'"https://x.example/?client_secret=%46%41KE{S}&b=1"'),
    "18 fragment of a path": cassette(got=f"Location: ['/cb#access_token={S}']"),
    "45 comment": cassette().replace("interactions:", f"# KEY={KEY}\ninteractions:"),
    "45 trailing comment": cassette().replace("version: 1", f"version: 1  # {KEY}"),
    "45 comment of a block": cassette(body=f"|  # {KEY}\n      x"),
    "45 last line": cassette() + f"# {KEY}",
    "46 anchor": cassette(f"Authorization:\n- &t Bearer {S}\nX-Other:\n- *t"),
    "46 tagged": cassette(f"Authorization:\n- !!str Bearer {S}"),
    "49 duplicate key": cassette(f"authorization: ['Bearer {S}']\nauthorization: ['Bearer {S}']"),
    "50 unknown field": cassette(more=f"recorder_env: {{api_key: {S}, other: 1}}"),
    "50 unknown list": cassette(more=f"notes:\n- text: see {KEY} there\n- {{name: X-Api-Key, value: {S}}}"),
    "50 top level": cassette() + f"env:\n  OPENAI: {KEY}\n",
    "key of a mapping": cassette(more=f"spend:\n  {KEY}: 3\n"),
    "44 PEM in a literal block": cassette(answer="|\n        " + pem(S * 3).replace("\n", "\n        ") + "\n        after"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTUAL)
def test_only_the_secret_goes(name: str) -> None:
    text = TEXTUAL[name]
    if name.startswith("44"):
        done = redacted(text)
        assert leaks(done.text, S) == []
        assert done.text == cassette(answer="|\n        REDACTED\n        after")
        return
    spelled = {"6 Basic": b64("svc:" + S), "15 percent-encoded": "%46%41KE" + S}.get(name, S)
    swapped(text, spelled, KEY)


def test_folded_and_escaped_scalars() -> None:
    folded = f'"Bearer {KEY[:10]}\\\n  {KEY[10:]}"'
    done = redacted(cassette(f"X-Any: [{folded}]"))
    assert 'X-Any: ["Bearer REDACTED"]' in done.text
    escaped = "".join(f"\\x{ord(c):02x}" for c in KEY[:3]) + KEY[3:]
    done = redacted(cassette(f'X-Any: ["Bearer {escaped} x\\ty"]'))
    assert 'X-Any: ["Bearer REDACTED x\\ty"]' in done.text
    done = redacted(cassette(body=f'>\n      {{"a": "b",\n      "password": "{S}"}}\n'))
    assert '>\n      {"a": "b",\n      "password": "REDACTED"}\n' in done.text


def test_json_escapes() -> None:
    body = json.dumps('{"t": "\\u0073k' + KEY[2:] + '", "\\u0061pi_key": "' + S + '", "n": "\\u00e9"}')
    done = redacted(cassette(body=body))
    assert done.text == cassette(body=json.dumps('{"t": "REDACTED", "\\u0061pi_key": "REDACTED", "n": "\\u00e9"}'))


@pytest.mark.parametrize("tag", ["!!binary", "!binary"])
@pytest.mark.parametrize("name", ["x-amz-security-token", "Authorization", "X-Whatever"])
def test_a_header_in_base64(tag: str, name: str) -> None:
    value = f"Bearer {KEY}" if name != "x-amz-security-token" else S
    done = redacted(cassette(f"{name}:\n- {tag} |\n  {b64(value)}\nAccept: [x]"))
    assert leaks(done.text, KEY) == leaks(done.text, S) == []
    assert b64(value.replace(KEY, "REDACTED").replace(S, "REDACTED")) in done.text
    assert redacted(done.text).result.clean


def test_broken_base64_is_reported() -> None:
    done = redacted(cassette("x-amz-security-token: [!!binary '*no base64*']"))
    assert [gap.where for gap in done.result.gaps] == ["request.headers x-amz-security-token"]
    assert not done.result.clean


SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature={}"
ID, SIGNATURE = SHAPES["aws-key-id"](rng("aws")), "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("key_id", "signature"),
    [(ID, SIGNATURE), ("<AWS_ACCESS_KEY_ID>", SIGNATURE), (ID, "<SIGNATURE>"), ("<ID>", "<SIGNATURE>")],
)
@pytest.mark.parametrize("place", ["header", "body"])
def test_signature_version_4_keeps_its_shape(key_id: str, signature: str, place: str) -> None:
    def made(one: str, other: str) -> str:
        value = SIGNED.format(one, other)
        return (
            cassette(f"Authorization: ['{value}']")
            if place == "header"
            else cassette(body=json.dumps(f"Authorization: {value}"))
        )

    done = redacted(made(key_id, signature))
    if place == "body" and "<" in key_id + signature and ID not in (key_id,) and signature != SIGNATURE:
        assert done.text == made(key_id, signature)
        return
    assert done.text == made(key_id.replace(ID, "REDACTED"), signature.replace(SIGNATURE, "REDACTED"))


def test_a_jwt_keeps_three_parts() -> None:
    token = jwt(rng("jwt"))
    done = redacted(cassette(f"Authorization: ['Bearer {token}']", answer=json.dumps(json.dumps({"id_token": token}))))
    assert done.text.count(emptied(token)) == 2
    assert leaks(done.text, token) == []


def test_an_upload_url_still_matches_the_next_request() -> None:
    url = f"https://u.example/upload?upload_id={S}&upload_protocol=resumable"
    text = cassette(got=f"X-Goog-Upload-URL: ['{url}']\nX-Guploader-Uploadid: ['{S}']", uri=f"'{url}&n=1'")
    swapped(text, S)


@pytest.mark.parametrize(
    "encode",
    [base64.b64encode, base64.urlsafe_b64encode, lambda raw: base64.encodebytes(raw * 3).replace(b"\n", b"\r\n")],
)
def test_inline_base64(encode) -> None:
    inner = json.dumps({"auths": {"x": {"password": S, "note": "??>>~~"}}})
    packed = encode(inner.encode()).decode()
    done = redacted(cassette(answer=json.dumps(json.dumps({"data": {"config.json": packed}, "n": 1}))))
    assert leaks(done.text, S) == []
    assert '"n\\": 1' in done.text
    assert redacted(done.text).result.clean


def test_base64_of_gzip_in_json() -> None:
    done = redacted(cassette(answer=json.dumps(json.dumps({"data": b64(gzip.compress(f"key {KEY}".encode()))}))))
    assert leaks(done.text, KEY) == []
    assert redacted(done.text).result.clean


def test_go_vcr_repeats_itself() -> None:
    text = govcr(BASE.asked(f"client_secret={S}&a=1", "application/x-www-form-urlencoded"))
    form = (
        f"form:\n      client_secret:\n      - {S}\n      a:\n      - 1\n    trailer:\n      X-Api-Key:\n      - {S}\n"
        f"    request_uri: /cb?client_secret={S}"
    )
    done = redacted(text.replace("form: {}", form))
    assert leaks(done.text, S) == []
    assert "content_length: 26" in done.text
    assert {"request.form.client_secret[0]", "request.trailer.X-Api-Key[0]", "request.request_uri ?client_secret"} <= {
        f.where for f in done.result.findings
    }
    assert all(one.matched for one in done.result.findings)


@pytest.mark.parametrize("body", ["null", "''", "~", ""])
def test_a_body_that_is_not_there(body: str) -> None:
    assert redacted(cassette(body=body)).result.clean


def test_bytes_that_need_no_change_are_kept() -> None:
    raw = gzip.compress(b'{"a": 1}' * 50, compresslevel=1, mtime=7)
    text = binary(BASE.answered(raw).with_sent(X_Api_Key=S))
    done = redacted(text)
    assert b64(raw)[:60] in done.text
    assert leaks(done.text, S) == []


# Streams

CONVERSE = [{"contentBlockIndex": 0, "delta": {"text": piece}, "p": "abc"} for piece in ("say ", *cut(KEY), " ok")]
INNER = [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": p}} for p in cut(KEY)]
TOOL = [{"contentBlockIndex": 1, "delta": {"toolUse": {"input": p}}} for p in ('{"pass', 'word": "', *cut(S), '"}')]


@pytest.mark.parametrize(
    ("stream", "token"),
    [
        (events({"contentBlockIndex": 0, "delta": {"text": f"it is {KEY}"}}, {"a": 1}), KEY),
        (events(*CONVERSE), KEY),
        (events(*TOOL), S),
        (invoked({"completion": f"it is {KEY}"}), KEY),
        (invoked(*INNER), KEY),
    ],
)
@pytest.mark.parametrize("write", [binary, packed])
def test_an_aws_event_stream(stream: bytes, token: str, write) -> None:
    text = write(BASE.answered(stream, "application/vnd.amazon.eventstream"))
    done = redacted(text)
    assert done.result.findings
    assert leaks(text, token)
    assert leaks(done.text, token) == []
    body = load(done.text).cassette.interactions[0].response.body.data
    before = load(text).cassette.interactions[0].response.body.data
    assert body.count(b":event-type") == before.count(b":event-type")
    assert redacted(done.text).result.clean


def test_a_damaged_event_stream_is_reported() -> None:
    stream = bytearray(events({"contentBlockIndex": 0, "delta": {"text": f"it is {KEY}"}}, {"a": 1}))
    stream[-1] ^= 1
    done = redacted(binary(BASE.answered(bytes(stream), "application/vnd.amazon.eventstream")))
    assert [gap.where for gap in done.result.gaps] == ["response.body"]


@pytest.mark.parametrize("coding", ["compress", "br-custom"])
def test_an_unknown_compression_is_reported(coding: str) -> None:
    text = binary(BASE.answered(b"\x1f\x9d\x90" + bytes(range(200))).with_got(Content_Encoding=coding))
    assert [gap.reason for gap in redacted(text).result.gaps] == [f"{coding!r} is no content coding known here"]


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_what_stands_behind_compressed_data_is_reported_where_it_looks_secret(kind: str) -> None:
    def gaps(trailing: bytes) -> list[str]:
        body = gzip.compress(b'{"a":1}', mtime=0) + trailing
        return [gap.reason for gap in redacted(vcrpy(BASE.answered(body, kind))).result.gaps]

    assert gaps(f" {KEY} ".encode()) == [
        f"{len(KEY) + 2} bytes after the end of the compressed data hold what looks secret"
    ]
    assert gaps(bytes(20)) == []


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", "binary/octet-stream"])
def test_compressed_text_is_redacted_whatever_its_type_says(kind: str) -> None:
    text = vcrpy(BASE.answered(gzip.compress(json.dumps({"k": KEY}).encode(), mtime=0), kind))
    done = redacted(text)
    assert [one.value for one in done.result.findings] == [KEY]
    assert not redacted(done.text).result.findings


def test_a_damaged_gzip_is_reported() -> None:
    raw = bytearray(gzip.compress(b"x" * 400))
    raw[-6] ^= 0xFF
    text = binary(BASE.answered(bytes(raw)).with_got(Content_Encoding="gzip"))
    assert [gap.where for gap in redacted(text).result.gaps] == ["response.body"]


def test_interleaved_tool_calls() -> None:
    other = SHAPES["github"](rng("other"))

    def call(index: int, piece: str) -> dict:
        return {
            "choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}}]
        }

    frames = [call(i, p) for pair in zip(cut(KEY), cut(other), strict=True) for i, p in enumerate(pair)]
    done = redacted(vcrpy(BASE.answered(sse(*frames), "text/event-stream")))
    assert leaks(done.text, KEY) == leaks(done.text, other) == []
    assert len([f for f in done.result.findings]) == 2


def test_a_key_in_pieces_with_escapes() -> None:
    key = pem(S * 4)
    pieces = [key[at : at + 17] for at in range(0, len(key), 17)]
    done = redacted(vcrpy(BASE.answered(sse(chunk("a\n"), *map(chunk, pieces), chunk("\nb")), "text/event-stream")))
    assert leaks(done.text, S * 4) == []
    assert done.result.findings[0].rule == "pem"


# Recordings of other things

WEBSOCKET = f"""\
version: 1
interactions:
- direction: sent
  kind: text
  data:
    type: session.update
    client_secret: {{value: {S}, expires_at: 1}}
- direction: received
  kind: text
  data: '{{"type": "x", "headers": {{"Authorization": "Bearer {S}"}}, "key": "{KEY}"}}'
- direction: received
  data: {{type: response.text.delta, delta: '{KEY[:9]}'}}
- direction: received
  data: {{type: response.text.delta, delta: '{KEY[9:]}'}}
"""


def test_websocket_frames() -> None:
    done = redacted(WEBSOCKET)
    assert leaks(done.text, S) == []
    assert done.text.count("REDACTED") == 4
    assert KEY[9:] not in done.text
    assert redacted(done.text).result.clean


def test_grpc_calls() -> None:
    text = f"interactions:\n- request:\n    metadata:\n    - [authorization, Bearer {S}]\n    - [x-a, b]\n  request_sample: {{apiKey: {S}}}\n  response_sample: {{a: 1}}\nversion: 1\n"
    swapped(text, S)


# Names and texts behind escapes, and in nodes of every kind

BEHIND_ESCAPES = {
    "base64 on a line of its own": "see\n{}\nthere".format(
        base64.b64encode(json.dumps({"key": KEY}).encode()).decode()
    ),
    "base64 behind a tab": "see\t{} there".format(base64.b64encode(json.dumps({"key": KEY}).encode()).decode()),
    "a header line": f"GET / HTTP/1.1\nX-Api-Key: {S}\n",
    "a header line behind a tab": f"curl\n\tX-Api-Key: {S}\n",
}


@pytest.mark.parametrize("recorder", EXACT)
@pytest.mark.parametrize("case", BEHIND_ESCAPES)
def test_the_letter_of_an_escape_hides_nothing(case: str, recorder: str) -> None:
    text = EXACT[recorder](BASE.asked(json.dumps({"content": BEHIND_ESCAPES[case]})))
    done = redacted(text)
    assert len({one.value for one in done.result.findings}) == 1
    assert not redacted(done.text).result.findings


# Names and texts that do not stand in the file as they are read: no subtree with one may be passed over.

ODD = {
    "a plain key with a blank": f"extra:\n  deep:\n    api key: {S}",
    "a quoted key with a blank": f"extra:\n  deep:\n    'Client Secret' : {S}",
    "a key in a flow": f"extra: {{deep: {{one: 1, api key: {S}}}}}",
    "a JSON key in a flow": f'extra: {{"deep":{{"api key":"{S}"}}}}',
    "a key behind a question mark": f"extra:\n  deep:\n    ? api key\n    : {S}",
    "an escaped key": f'extra:\n  deep:\n    "\\x61pi_key": {S}',
    "a key with a long escape": f'extra:\n  deep:\n    "api_\\U0000006bey": {S}',
    "a name of two words beside": f"extra:\n  deep:\n  - name: API Key\n    value: {S}",
    "a name around a mapping": f"extra:\n  client_secret:\n    value: {S}",
    "a name around a list": f"extra:\n  client_secret:\n  - - {S}",
    "a container of cookies": f"extra:\n  cookies:\n    sid: {S}",
    "headers behind an alias": f"shared: &h\n  acme-access-key: {S}\nextra:\n  deep:\n    headers: *h",
    "a list behind an alias": f"shared: &l [{S}]\nextra:\n  deep:\n    authorization: *l",
    "keys on two lines": f"extra:\n  my notes:\n    api key:\n      client secret: {S}",
    "a value behind an alias": f"shared: [&v {S}]\nextra:\n  deep:\n    authorization: *v",
    "a tagged value": f"extra:\n  deep:\n  - !!binary {base64.b64encode(KEY.encode()).decode()}",
    "a tagged name": f"extra:\n  headers:\n    !!binary {base64.b64encode(b'X-Api-Key').decode()}: {S}",
    "a header's ending": f"extra:\n  headers:\n    Acme_Access_Key: {S}",
    "a header in one text": f"extra:\n  headers:\n  - 'Acme-Access-Key:{S}'",
    "pairs": f"extra:\n  headers:\n  - [Authorization, Bearer {S}]",
    "a line that goes on": f'extra:\n  deep: "see {KEY[:20]}\\\n    {KEY[20:]}"',
    "a key's name": f"extra:\n  deep:\n    {KEY}: 1",
}


@pytest.mark.parametrize("case", ODD)
def test_no_subtree_with_a_secret_is_passed_over(case: str) -> None:
    done = redacted(vcrpy(BASE) + ODD[case] + "\n")
    assert len({one.value for one in done.result.findings}) == 1
    assert not redacted(done.text).result.findings


# Sweeping


def test_a_value_found_once_is_found_everywhere() -> None:
    text = vcrpy(
        BASE.with_sent(X_Api_Key=S)
        .asked(json.dumps({"a": f"with {S} inside", "b": json.dumps({"c": b64(f"x {S} y")}), "d": f"%41{S}"}))
        .answered(f": plain {S}\n\n" + sse(chunk(S[:9]), chunk(S[9:])), "text/event-stream")
    ).replace("version", f"# {S}\nversion")
    done = redacted(text)
    assert leaks(done.text, S) == []
    assert redacted(done.text).result.clean


def test_basic_credentials_are_swept_by_their_password() -> None:
    text = cassette(f"Authorization: [Basic {b64('svc:' + S)}]", body=json.dumps(f"the password is {S}"))
    assert leaks(redacted(text).text, S) == []


@pytest.mark.parametrize("value", ["global", "us-central1", "production-eu", "admin", "hunter2", "datadog-staging"])
def test_short_and_common_values_are_not_swept(value: str) -> None:
    body = json.dumps(f"creating {value} wind patterns for {value}istrators")
    done = redacted(cassette(f"X-Api-Key: [{value}]", body=body))
    assert body in done.text


def test_an_id_stays_in_the_path() -> None:
    text = cassette("X-Project-Id: [fake-4711-abcd-0815]", uri='"https://x.example/projects/fake-4711-abcd-0815/y"')
    done = redacted(text)
    assert "X-Project-Id: [REDACTED]" in done.text
    assert "/projects/fake-4711-abcd-0815/y" in done.text


def test_the_host_stays() -> None:
    text = cassette(f"X-Api-Key: [{S}]", uri=f'"https://{S.lower()}.example:8443/a?b={S}"')
    assert f"https://{S.lower()}.example:8443/a?b=REDACTED" in redacted(text).text


def test_known_values() -> None:
    done = redacted(rubyvcr(BASE.asked(json.dumps({"note": f"a {S} b"}))), plan(values=(S,)))
    assert done.rules == ["value-0"]
    assert leaks(done.text, S) == []


def answer(text: str) -> str:
    """Return the decoded body of a cassette's first response."""
    return load(text).cassette.interactions[0].response.body.text


SECRET_OF_KUBERNETES = {
    "kind": "Secret",
    "apiVersion": "v1",
    "metadata": {"name": "db"},
    "data": {"blob": "d2hhdGV2ZXIgaXQgaXM="},
}


def test_all_that_a_secret_of_kubernetes_holds_goes() -> None:
    body = json.dumps(SECRET_OF_KUBERNETES)
    done = redacted(vcrpy(BASE.answered(body.encode(), "application/json")))
    assert [one.value for one in done.result.findings] == [SECRET_OF_KUBERNETES["data"]["blob"]]
    assert answer(done.text) == body.replace(SECRET_OF_KUBERNETES["data"]["blob"], "REDACTED")
    lines = "kind: Secret\nmetadata:\n  name: db\nstringData:\n  blob: Whatever-it-1s\n"
    for text in (lines, lines.replace("Secret", "ConfigMap")):
        done = redacted(vcrpy(BASE.answered(text.encode(), "application/yaml")))
        assert len(done.result.findings) == ("Secret" in text)
        assert ("blob: REDACTED" in answer(done.text)) == ("Secret" in text)
    other = json.dumps({**SECRET_OF_KUBERNETES, "kind": "ConfigMap"})
    assert redacted(vcrpy(BASE.answered(other.encode(), "application/json"))).result.clean


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_line_of_settings_keeps_its_quotes(quote: str) -> None:
    body = f"ZOR_PASSWORD={quote}{S}{quote}"
    done = redacted(vcrpy(BASE.answered(body.encode(), "text/plain")))
    assert answer(done.text) == body.replace(S, "REDACTED")

"""What is taken for a harmless URL by a look is one in which no rule finds anything."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest

import pages
from cassette_cli.operations.redact.detect import names
from cassette_cli.operations.redact.detect.addresses import is_harmless
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.masking import MemoryLayer
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.openings import OPENINGS
from cassette_cli.operations.redact.scanning import Plan, Scan
from cassette_cli.operations.redact.texts.text import Piece

PLAN = Plan(Detectors(frozenset(("secrets",))), Placeholders())
HOST = "https://api.example.com"
OPAQUE = "vX7pQ2mR9sT4wZ8kL3nB"

PLACES = {
    "the address": lambda text: text,
    "the path": lambda text: f"{HOST}/v1/{text}/items",
    "a path without a host": lambda text: f"/v1/{text}",
    "the end of the path": lambda text: f"{HOST}/hooks:{text}",
    "between placeholders": lambda text: f"{HOST}/<PROJECT>/{text}/<ZONE>/x",
    "the host": lambda text: f"https://{text}.example.com/v1",
    "the port": lambda text: f"https://api.example.com:{text}/",
    "the user": lambda text: f"https://{text}@api.example.com/",
    "the password": lambda text: f"https://ada:{text}@api.example.com/",
    "behind a user": lambda text: f"{HOST}/models/tide@{text}",
    "a parameter": lambda text: f"{HOST}/v1?page={text}&limit=3",
    "a name": lambda text: f"{HOST}/v1?{text}=3",
    "a name in brackets": lambda text: f"{HOST}/v1?filter[{text}]={OPAQUE}",
    "a bare parameter": lambda text: f"{HOST}/v1?{text}",
    "the fragment": lambda text: f"{HOST}/v1#{text}",
    "a word of a parameter": lambda text: f"{HOST}/v1?page=a+{text}+b",
}
ENCODINGS = {
    "as it is": lambda text: text,
    "in percents": lambda text: quote(text, safe=""),
    "all in percents": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "in percents twice": lambda text: quote(quote(text, safe=""), safe=""),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}


def samples() -> Iterator[str]:
    for rule in (*SHAPES, *names.RULES):
        if rule.level == "secrets":
            yield from (sample.replace("{~}", "") for sample in rule.samples)


def finds(url: str) -> bool:
    return bool(Scan(PLAN, MemoryLayer([Piece(url, 0, "", "", "url")]), url).run().found)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("place", PLACES)
def test_no_sample_of_a_rule_is_harmless_anywhere_in_a_url(place: str, encoding: str) -> None:
    urls = [PLACES[place](ENCODINGS[encoding](sample)) for sample in samples()]
    assert [url for url in urls if is_harmless(url) and finds(url)] == []


def test_samples_are_found_in_urls() -> None:
    urls = [PLACES["a parameter"](ENCODINGS["in percents"](sample)) for sample in samples()]
    assert sum(map(finds, urls)) > 400


@pytest.mark.parametrize(
    "value", ["x", "abc", "12345678", "hunter2", OPAQUE, "Zebra-77-hip", "<KEY>", "true", "(hidden)"]
)
def test_no_name_of_a_secret_is_harmless(value: str) -> None:
    whole = [name for table in (names.tables().whole, names.tables().headers, names.tables().params) for name in table]
    parts = [f"acme_{ending}" for ending in names.tables().endings]
    company = [
        "code",
        "key",
        "d",
        "k",
        "api+key",
        "secret[]",
        "user[password]",
        "a.b.token",
        "X-Acme-Key",
        "accessToken",
    ]
    for name in (*whole, *parts, *company):
        for url in (
            f"{HOST}/v1?{name}={value}",
            f"{HOST}/v1?page=1&{name}={value}&state=xyz&grant_type=b",
            f"{HOST}/{name}:{value}/items",
            f"{HOST}/v1%2F{name}%3A{value}",
            f"{HOST}/v1?page={name}:{value}",
            f"{HOST}/v1?page={name}+{value}",
            f"{HOST}/<{name}>/{value}/<ZONE>",
        ):
            assert not (is_harmless(url) and finds(url)), url


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"{HOST}/v1/messages?beta=true",
        "https://tide.example.com/v1beta/models/tide-1.5-flash-001:streamGenerateContent?alt=sse",
        "https://tide.us-east-1.example.com/model/us.acme.tide-3-7-spring-20250219-v1%3A0/converse-stream",
        "https://tide.example.com/v1/projects/<PROJECT>/locations/<ZONE>/models/tide@20250219:rawPredict",
        "<TIDE_BASE>/chat/completions",
        "/v1/chat/completions",
        "http://localhost:8080/deployments/tide-4o-mini/chat/completions?api-version=2024-05-01-preview",
        "https://tide.example.com/v1/datasets/fa4e0123-4567-89ab-cdef-fa4e01234567?filter[name]=env:prod&sort=a+b",
        "https://tide.example.com/upload?upload_id=(hidden 111)&protocol=resumable",
    ],
)
def test_usual_urls_are_harmless(url: str) -> None:
    assert is_harmless(url)
    assert not finds(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/v1?api_key={OPAQUE}",
        f"https://ada:{OPAQUE}@api.example.com/",
        f"{HOST}/cb?code={OPAQUE}&state=xyz",
        f"{HOST}/v1?next=https://b.example/?token={OPAQUE}",
        f"{HOST}/v1#access_token={OPAQUE}",
    ],
)
def test_what_holds_a_secret_is_not_harmless(url: str) -> None:
    assert finds(url)
    assert not is_harmless(url)


def test_the_table_of_openings_is_that_of_the_catalogue() -> None:
    assert pages.literals() == OPENINGS, "python tests/pages.py makes it anew"

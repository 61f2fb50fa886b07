"""A URL that is masked by a look at it is shown as the rules mask it."""

import base64
import importlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pages
from cassette_cli.operations.redact.detect import addresses, names
from cassette_cli.operations.redact.detect.addresses import masked
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.masking import Masker
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules import openings
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.scanning import Plan

MASKER = Masker(Plan(Detectors(frozenset(("secrets",))), Placeholders()))
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
    "two parameters": lambda text: f"{HOST}/v1?page={text}&upload_id={text}",
    "beside a secret": lambda text: f"{HOST}/v1/{text}?upload_id={OPAQUE}&page={text}",
    "the name of a secret": lambda text: f"{HOST}/v1?upload_id={text}&page=1",
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


def by_rules(url: str) -> str:
    return MASKER.text(url, kind="url")


def wrong(urls: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the URLs that a look masks otherwise than the rules do."""
    looked = ((url, masked(url)) for url in urls)
    return [(url, shown, by_rules(url)) for url, shown in looked if shown is not None and shown != by_rules(url)]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("place", PLACES)
def test_samples_of_the_rules_are_masked_as_the_rules_do_anywhere_in_a_url(place: str, encoding: str) -> None:
    assert wrong(PLACES[place](ENCODINGS[encoding](sample)) for sample in samples()) == []


def test_samples_are_found_in_urls() -> None:
    urls = [PLACES["a parameter"](ENCODINGS["in percents"](sample)) for sample in samples()]
    assert sum(by_rules(url) != url for url in urls) > 400


@pytest.mark.parametrize(
    "value",
    ["x", "abc", "12345678", "hunter2", OPAQUE, "Zebra-77-hip", "<KEY>", "true", "(hidden)", "202-555-0112"],
)
def test_names_of_secrets_count_as_the_rules_say(value: str) -> None:
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
        urls = (
            f"{HOST}/v1?{name}={value}",
            f"{HOST}/v1?page=1&{name}={value}&state=xyz&grant_type=b",
            f"{HOST}/{name}:{value}/items",
            f"{HOST}/v1%2F{name}%3A{value}",
            f"{HOST}/v1?page={name}:{value}",
            f"{HOST}/v1?page={name}+{value}",
            f"{HOST}/<{name}>/{value}/<ZONE>",
            f"{HOST}/<ZONE>/{name}/{value}?page=1&{name}={value}",
            f"{HOST}/v1?page=name:{name},value:{value}",
        )
        assert wrong(urls) == []


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
    assert masked(url) == url == by_rules(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{HOST}/v1?api_key={OPAQUE}", f"{HOST}/v1?api_key=(hidden 20)"),
        (f"{HOST}/up?upload_id=7-{OPAQUE}&page=2", f"{HOST}/up?upload_id=(hidden 22)&page=2"),
        (f"{HOST}/up?upload_id=PMAT-{OPAQUE}", f"{HOST}/up?upload_id=PMAT-(hidden 25)"),
        (f"/v1?token={OPAQUE}&a=b+c&secret=Zebra-77-hip", "/v1?token=(hidden 20)&a=b+c&secret=(hidden 12)"),
    ],
)
def test_a_secret_is_masked_that_its_name_alone_tells(url: str, shown: str) -> None:
    assert masked(url) == shown == by_rules(url)


@pytest.mark.parametrize(
    "url",
    [
        f"https://ada:{OPAQUE}@api.example.com/",
        f"{HOST}/cb?code={OPAQUE}&state=xyz",
        f"{HOST}/v1?next=https://b.example/?token={OPAQUE}",
        f"{HOST}/v1#access_token={OPAQUE}",
        f"{HOST}/v1/{OPAQUE}?api_key={OPAQUE}",
        f"{HOST}/v1/{''.join(f'%{ord(char):02X}' for char in OPAQUE)}?api_key={OPAQUE}",
        f"{HOST}/v1/{OPAQUE}?api_key={base64.b64encode(f'u:{OPAQUE}'.encode()).decode().rstrip('=')}",
        f"{HOST}/v1?api_key={OPAQUE}&page=REDACTED-1",
    ],
)
def test_what_may_stand_in_two_ways_is_left_to_the_rules(url: str) -> None:
    assert by_rules(url) != url
    assert masked(url) is None


def parts() -> st.SearchStrategy[str]:
    told = [*names.tables().whole, *names.tables().params, *names.tables().endings]
    words = ["v1", "models", "11434", "api-staging", "secret-repo", "public-key", "a:b", "x@y", "REDACTED", "<KEY>"]
    opaque = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=8, max_size=40)
    assigned = st.builds("{}{}{}".format, st.sampled_from(told), st.sampled_from(":=+./,"), opaque)
    return st.one_of(st.sampled_from(words), st.sampled_from(told), st.sampled_from([*samples()]), opaque, assigned)


@given(st.data())
def test_urls_of_any_parts_are_masked_as_the_rules_do(data: st.DataObject) -> None:
    known = data.draw(st.lists(parts(), min_size=1, max_size=4))
    part = st.one_of(st.sampled_from(known), parts())
    path = "".join(f"/{quote(one, safe='<>:@')}" for one in data.draw(st.lists(part, max_size=4)))
    query = "&".join(f"{data.draw(part)}={data.draw(part)}" for _ in range(data.draw(st.integers(0, 3))))
    assert wrong([f"{HOST}{path}?{query}", path, f"/{path}?{query}"]) == []


def test_the_table_of_openings_is_that_of_the_catalogue() -> None:
    assert pages.shapes() == openings.SHAPES, "python tests/pages.py makes it anew"
    assert pages.prefixes() == openings.PREFIXES, "python tests/pages.py makes it anew"


def test_no_token_is_shorter_than_the_least_text_that_is_looked_at() -> None:
    parser = importlib.import_module("re._parser")
    assert min(parser.parse(pattern).getwidth()[0] for pattern, *_ in openings.SHAPES) >= addresses.LEAST

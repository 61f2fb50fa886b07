"""What takes the place of a secret: written as each layer demands, told apart where replay needs it, and proved."""

import base64
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cassette_cli.errors import EditError, UsageError
from cassette_cli.formats import registry
from cassette_cli.operations.json_path import JsonPath
from cassette_cli.operations.redact.detect.own import Names, Pattern
from cassette_cli.operations.redact.redacting import redact
from cassette_cli.operations.redact.replace import proof
from cassette_cli.operations.redact.replace.placeholders import Placeholders, fingerprint, jwt
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.scanning import Plan
from cassette_cli.source.document import Document
from operations.planting import BASE, rng, secret
from operations.planting import jwt as made_jwt
from operations.recorders import govcr, vcrpy
from operations.redact_support import load, plan, redacted

ODD = ['say "hi"', "a\\b", "x & <y>", "é中文", "{{SECRET}}", "100%", "a+b=c"]
NEEDLE = plan(patterns=(Pattern.read(r"needle-\d+", 1),))


def with_placeholder(text: str) -> Plan:
    return Plan(NEEDLE.detectors, Placeholders(text))


def bodies(text: str) -> tuple[str, str]:
    one = load(text).cassette.interactions[0]
    assert one.response is not None
    return one.request.body.text or "", one.response.body.text or ""


@pytest.mark.parametrize("placeholder", ODD)
def test_a_placeholder_is_written_as_each_layer_demands(placeholder: str) -> None:
    value = {"a": "needle-1", "b": "x needle-2\ny", "c": json.dumps({"d": "é needle-3"}), "e": [1, None, 2.5]}
    sent = "a=needle-1&b=x+needle-2&c=3"
    done = redacted(vcrpy(BASE.asked(json.dumps(value))), with_placeholder(placeholder))
    wanted = {
        "a": placeholder,
        "b": f"x {placeholder}\ny",
        "c": json.dumps({"d": f"é {placeholder}"}),
        "e": [1, None, 2.5],
    }
    found = json.loads(bodies(done.text)[0])
    assert json.loads(found.pop("c")) == json.loads(wanted.pop("c"))
    assert found == wanted
    form = redacted(vcrpy(BASE.asked(sent, "application/x-www-form-urlencoded")), with_placeholder(placeholder))
    assert parse_qsl(bodies(form.text)[0]) == [("a", placeholder), ("b", f"x {placeholder}"), ("c", "3")]
    page = '<a href="/x?y=needle-1&amp;z=1" title="needle-2">needle-3 &amp; <b>c</b></a>'
    xml = redacted(vcrpy(BASE.answered(page, "application/xml")), with_placeholder(placeholder))
    root = ET.fromstring(bodies(xml.text)[1])
    assert (root.get("title"), root.text) == (placeholder, f"{placeholder} & ")


@pytest.mark.parametrize("coding", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_placeholder_goes_into_base64(coding: Any) -> None:
    packed = coding(json.dumps({"pin": "needle-12345", "note": "??>>~~"}).encode()).decode()
    done = redacted(vcrpy(BASE.asked(json.dumps({"data": packed}))), with_placeholder('"'))
    inner = base64.urlsafe_b64decode(json.loads(bodies(done.text)[0])["data"].replace("+", "-").replace("/", "_"))
    assert json.loads(inner) == {"pin": '"', "note": "??>>~~"}


def test_base64_of_any_size_is_looked_into() -> None:
    packed = base64.b64encode(b'{"a": "' + b"x" * (5 << 20) + b' needle-7"}').decode()
    done = redacted(vcrpy(BASE.asked(json.dumps({"data": packed}))), NEEDLE)
    assert len(done.result.findings) == 1


def test_numbers_and_words_become_texts() -> None:
    own = plan(
        defaults=False,
        patterns=(Pattern.read(r"49151\d+", 1),),
        keys=Names([("pin", Rule("json-key-pin", "", of_user=True)), ("on", Rule("json-key-on", "", of_user=True))]),
        paths=((JsonPath("$.list[*]"), Rule("json-path", "", of_user=True)),),
    )
    value = (
        '{"phone": 4915112345678, "n": 1.50, "pin": 12, "on": true, "off": false, "list": [1, true, null, "--", "a"]}'
    )
    done = redacted(vcrpy(BASE.asked(value)), own)
    assert bodies(done.text)[0] == (
        '{"phone": "REDACTED", "n": 1.50, "pin": "REDACTED", "on": "REDACTED", "off": false, '
        '"list": ["REDACTED", "REDACTED", null, "REDACTED", "REDACTED"]}'
    )
    assert not redacted(done.text, own).result.findings


def test_headers_and_keys_are_two_things() -> None:
    rule = Rule("x", "", of_user=True)
    text = vcrpy(BASE.with_sent(Colour="teal").asked(json.dumps({"colour": "teal"})))
    assert redacted(text, plan(headers=Names([("colour", rule)]))).text == text.replace('- "teal"', '- "REDACTED"')
    by_key = redacted(text, plan(keys=Names([("colour", rule)]))).text
    assert '- "teal"' in by_key
    assert json.loads(bodies(by_key)[0]) == {"colour": "REDACTED"}


def test_a_yaml_body_stays_one() -> None:
    body = "name: x\n# teal-blue\ncolour: teal-blue\nlist: [teal-blue, 'it''s teal-blue']\n"
    own = plan(patterns=(Pattern.read("teal-blue", 1),))
    done = redacted(vcrpy(BASE.answered(body, "application/yaml")), own)
    assert bodies(done.text)[1] == body.replace("teal-blue", "REDACTED").replace("# REDACTED", "# teal-blue")


PLACES = {
    "host": lambda v: replace(BASE, url=f"https://{v}.example.com/x"),
    "path": lambda v: replace(BASE, url=f"https://a.example.com/{v}/x"),
    "header name": lambda v: BASE.with_sent(**{f"X_{v}": "1"}),
    "short key": lambda v: BASE.asked(json.dumps({v: 1})),
    "query name": lambda v: replace(BASE, url=f"https://a.example.com/x?{v}=1"),
    "element": lambda v: BASE.answered(f"<{v}>1</{v}>", "text/xml"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_the_user_names_is_reached_everywhere(place: str) -> None:
    for own in (plan(patterns=(Pattern.read("acme7", 1),)), plan(values=("acme7",))):
        done = redacted(vcrpy(PLACES[place]("acme7")), own)
        assert done.text == vcrpy(PLACES[place]("REDACTED"))
        assert done.result.findings


def test_a_placeholder_that_cannot_stand_in_a_place_is_a_usage_error() -> None:
    for exchange in (PLACES["host"]("needle-1"), BASE.with_sent(X_Any="needle-1")):
        with pytest.raises(UsageError, match="cannot stand in"):
            redacted(vcrpy(exchange), with_placeholder("中文"))


def test_what_a_pattern_knows_by_the_json_around_it_goes() -> None:
    own = plan(patterns=(Pattern.read(r'"pin": "?([\w-]+)', 1),))
    done = redacted(vcrpy(BASE.asked('{"pin": "a-1", "x": {"pin": 4711}, "y": "pin"}')), own)
    assert bodies(done.text)[0] == '{"pin": "REDACTED", "x": {"pin": "REDACTED"}, "y": "pin"}'
    done = redacted(vcrpy(BASE.asked('{"pin": "a-1", "y": 1}')), plan(patterns=(Pattern.read('"pin".*?,', 1),)))
    assert [gap.where for gap in done.result.gaps] == ["request.body"]
    escaped = vcrpy(BASE.asked('{"a": "\\nneedle"}'))
    assert redacted(escaped, plan(patterns=(Pattern.read("nneedle", 1),))).result.clean


# Replay stays possible

ONE, TWO = secret(rng("one")), secret(rng("two"))


def twice(first: str, second: str, url: str = "https://a.example/x?api_key={}&b=1") -> str:
    """Return a cassette with two requests that differ in one place."""
    text = vcrpy(replace(BASE, url=url.format(first)))
    item = text[text.index("- request") : text.index("version")]
    return text.replace("version", item.replace(first, second) + "version")


def test_secrets_that_would_collide_are_told_apart() -> None:
    assert redacted(twice(ONE, TWO)).text == twice("REDACTED-1", "REDACTED-2")
    assert redacted(twice(TWO, ONE)).text == twice("REDACTED-1", "REDACTED-2")
    assert redacted(twice("REDACTED-1", "REDACTED-2")).result.clean


def test_a_number_that_stands_is_neither_given_again_nor_changed() -> None:
    assert redacted(twice("REDACTED-4", ONE)).text == twice("REDACTED-4", "REDACTED")
    assert (
        redacted(twice("REDACTED", ONE) + "# REDACTED-4\n").text == twice("REDACTED", "REDACTED-5") + "# REDACTED-4\n"
    )


def test_secrets_that_cannot_collide_have_no_numbers() -> None:
    text = vcrpy(BASE.with_sent(X_Api_Key=ONE, Authorization=f"Bearer {TWO}"))
    assert "REDACTED-" not in redacted(text).text
    headers = govcr(BASE.with_sent(X_Api_Key=ONE))
    assert "REDACTED-" not in redacted(headers).text


def test_two_names_of_one_mapping_stay_two() -> None:
    own = plan(patterns=(Pattern.read(r"k-\d+", 1),))
    done = redacted(vcrpy(BASE.asked('{"k-1": 1, "k-2": 2}')), own)
    assert bodies(done.text)[0] == '{"REDACTED-1": 1, "REDACTED-2": 2}'


def test_a_jwt_still_decodes() -> None:
    token = made_jwt(rng("decodes"))
    new = jwt(token, "REDACTED")
    header, claims, signature = new.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "none"}
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"sub": "REDACTED"}
    assert signature == "REDACTED"
    done = redacted(vcrpy(BASE.with_sent(Authorization=f"Bearer {token}")))
    assert f"Bearer {new}" in done.text
    assert redacted(done.text).result.clean


def test_fakes_are_mail_addresses_that_nobody_has() -> None:
    mails = "jane@corp.example.org, joe@corp.example.org, jane@corp.example.org"
    fakes = Plan(plan("pii").detectors, Placeholders(fakes=True))
    done = redacted(vcrpy(BASE.asked(json.dumps({"to": mails}))), fakes)
    assert json.loads(bodies(done.text)[0]) == {"to": "user1@example.com, user2@example.com, user1@example.com"}
    assert redacted(done.text, fakes).result.clean
    assert redacted(done.text, plan("pii")).result.clean


def test_a_fingerprint_is_the_same_for_a_value_and_tells_it_to_nobody() -> None:
    found = redacted(twice(ONE, TWO)).result.findings
    assert {one.fingerprint for one in found} == {fingerprint(ONE), fingerprint(TWO)}
    assert all(one.fingerprint.startswith("fp:") and len(one.fingerprint) == 23 for one in found)


# The proof

BROKEN = {
    "JSON": ('{"a": "x"}', '{"a": x}', "application/json", "be JSON no more"),
    "a key": ('{"a": 1}', '{"b": 1}', "application/json", "have other keys"),
    "a list": ('{"a": [1, 2]}', '{"a": [1]}', "application/json", "have a list of another length"),
    "a type": ('{"a": "1"}', '{"a": 1}', "application/json", "have another shape"),
    "JSON in JSON": ('{"a": "{\\"b\\": 1}"}', '{"a": "{\\"b\\": }"}', "application/json", "be JSON no more"),
    "XML": ("<a><b>c</b></a>", "<a><b>c</a>", "text/xml", "be XML no more"),
    "an element": ("<a><b>c</b></a>", "<a><c>c</c></a>", "text/xml", "have other elements"),
    "a form": ("a=1&b=2", "a=1&c=2", "application/x-www-form-urlencoded", "have other fields"),
    "YAML": ("a: b\nc: d\n", "a: [b\nc: d\n", "application/yaml", "be YAML no more"),
    "frames": ('data: {"a":1}\n\ndata: {"a":2}\n\n', 'data: {"a":1}\n\n', "text/event-stream", "another number of frames"),
    "a frame": ('data: {"a":"b"}\n\n', 'data: {"a":b}\n\n', "text/event-stream", "be JSON no more"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_body_that_is_no_body_any_more_is_refused_by_name(case: str) -> None:
    before, after, kind, message = BROKEN[case]
    old, new = (load(vcrpy(BASE.answered(one, kind))).cassette for one in (before, after))
    with pytest.raises(EditError, match=f"response.body would .*{message}"):
        proof.prove(old, new, (), headers_went=False)
    proof.prove(old, old, (), headers_went=False)


def test_a_result_that_cannot_be_proved_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(vcrpy(BASE.asked(json.dumps({"api_key": ONE}))))
    broken = load(vcrpy(BASE.asked("{"))).cassette
    monkeypatch.setattr(registry, "load", lambda *_: broken)
    with pytest.raises(EditError, match=r"request\.body would be JSON no more"):
        redact(loaded, plan())
    assert isinstance(loaded.cassette.document, Document)

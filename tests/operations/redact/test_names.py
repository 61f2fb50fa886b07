"""Names that give a secret away, and how far the value under them goes."""

import json
from dataclasses import replace

import pytest

from cassette_cli.operations.redact.detect.own import Pattern
from operations.planting import BASE, SHAPES, Exchange, rng, secret, sse
from operations.recorders import vcrpy
from operations.redact_support import leaks, plan, redacted


def at(url: str) -> Exchange:
    return replace(BASE, url=url)


S = secret(rng("names"))
KEY = SHAPES["github"](rng("names"))


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY", "azureApiKey", "DB_PASSWORD", "smtpPassword", "my-service-password", "stripe_secret_key",
        "keyPassphrase", "ephemeral_key", "ssh_private_key", "oauth_token_secret", "githubAccessToken", "GITHUB_TOKEN",
        "HF_TOKEN", "authentication_token", "authorization_token", "csrfmiddlewaretoken", "password_confirmation",
        "user[new_password]", "PineconeApiKey",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["json", "query", "form", "element", "pair", "pair turned round"])
def test_a_name_gives_away_what_it_names(name: str, place: str) -> None:
    def made(value: str) -> str:
        return vcrpy(
            {
                "json": lambda: BASE.answered(json.dumps({"id": 1, name: value})),
                "query": lambda: at(f"https://x.example/a?b=1&{name}={value}&page_token=CAUQAA"),
                "form": lambda: BASE.asked(f"a=1&{name}={value}&b=2", "application/x-www-form-urlencoded"),
                "element": lambda: BASE.answered(f'<input type=hidden name={name} value="{value}">', "text/html"),
                "pair": lambda: BASE.asked(json.dumps({"env": [{"name": name, "value": value}]})),
                "pair turned round": lambda: BASE.asked(json.dumps({"env": [{"value": value, "name": name}]})),
            }[place]()
        )

    done = redacted(made(S))
    assert done.text == made("REDACTED")
    assert not redacted(done.text).result.findings


@pytest.mark.parametrize("name", ["Token", "JWT", "Secret", "BotToken", "AccessKeyId", "HmacKey"])
def test_a_header_with_the_name_of_a_key_is_redacted_where_its_value_looks_secret(name: str) -> None:
    def made(value: str) -> str:
        return vcrpy(replace(BASE, sent={**BASE.sent, name: [value]}))

    assert redacted(made(S)).text == made("REDACTED")
    for plain in ("none", "no token given", "1.0", "REDACTED"):
        assert not redacted(made(plain)).result.findings


KEPT = {
    "an address under such a name": {"forgot_password": "https://x.example/forgot", "reset_password": "/reset"},
    "a sentence under such a name": {"invalid_password": "At least 8 characters", "missing_api_key": "No key given"},
    "words and flags": {"require_password": "yes", "has_api_key": "true", "use_master_key": False, "db_password": None},
    "keys that are public": {
        "datadog_api_key": "pub" + "0123456789abcdef" * 2,
        "posthog_api_key": "phc" + "_" + S,
        "api_key": "phc" + "_" + S,
        "stripe_access_key": "pk" + "_live_" + S,
    },
    "placeholders": {"GITHUB_TOKEN": "${GITHUB_TOKEN}", "azure_api_key": "fake-api-key", "smtp_password": "{{ pw }}"},
    "counts": {"password_length": "123456789012", "api_key_count": 1234567, "tokens_per_access_token": 100000},
    "tokens of a text": {"content": [{"logprob": -0.1, "token": "abc123abc123abc123"}]},
    "names of headers": {"required": ["x-api-key", "content-type-long-name-1"]},
    "prose": {"c": "Authorization: Bearer YOUR_API_KEY. Then see postgres://user:password@localhost/db2024"},
}


@pytest.mark.parametrize("name", KEPT)
def test_what_only_sounds_like_it_is_kept(name: str) -> None:
    text = vcrpy(BASE.answered(json.dumps(KEPT[name])))
    assert redacted(text).text == text


def test_an_access_key_of_html_is_no_secret() -> None:
    text = vcrpy(BASE.answered('<a accesskey="s" href="/">x</a><button accesskey=save>y</button>', "text/html"))
    assert redacted(text).text == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Server=db;Password={};Database=x", "Server=db;Password={};Database=x"),
        ("see https://x.example/?api_key={}.", "see https://x.example/?api_key={}."),
        ("https://{}@git.example/a", "https://{}@git.example/a"),
        ("https://{}:@api.example/a", "https://{}:@api.example/a"),
    ],
)
def test_only_the_value_goes(before: str, after: str) -> None:
    text = vcrpy(BASE.asked(json.dumps({"connection_string": before.format(S)})))
    assert redacted(text).text == vcrpy(BASE.asked(json.dumps({"connection_string": after.format("REDACTED")})))


def test_a_flag_names_the_argument_behind_it() -> None:
    def text(value: str) -> str:
        return vcrpy(BASE.answered(json.dumps({"args": ["run", "--api-key", value, "--verbose", "-x", "y"]})))

    assert redacted(text(S)).text == text("REDACTED")
    assert redacted(text("--dry-run")).text == text("--dry-run")


def test_a_link_header_keeps_its_brackets() -> None:
    link = '<https://x.example/a?page=2&api_key={0}>; rel="next", <https://x.example/a?page=9&api_key={0}>; rel="last"'
    done = redacted(vcrpy(BASE.with_got(Link=link.format(S))))
    assert done.text == vcrpy(BASE.with_got(Link=link.format("REDACTED")))


def test_a_parameter_of_a_path_ends_at_the_query() -> None:
    done = redacted(vcrpy(at(f"https://x.example/a;jsessionid={S}?x=1")))
    assert done.text == vcrpy(at("https://x.example/a;jsessionid=REDACTED?x=1"))


def test_a_shared_key_keeps_its_account() -> None:
    done = redacted(vcrpy(BASE.with_sent(Authorization=f"SharedKey account:{S}")))
    assert done.text == vcrpy(BASE.with_sent(Authorization="SharedKey account:REDACTED"))


def test_a_sentence_keeps_its_full_stop() -> None:
    token = SHAPES["gitlab"](rng("stop"))
    done = redacted(vcrpy(BASE.asked(json.dumps({"c": f"It is {token}."}))))
    assert done.text == vcrpy(BASE.asked(json.dumps({"c": "It is REDACTED."})))


def test_headers_as_pairs() -> None:
    def made(value: str) -> str:
        return vcrpy(BASE.asked(json.dumps({"headers": [["Accept", "*/*"], ["x-api-key", value]]})))

    assert redacted(made(S)).text == made("REDACTED")


def test_words_that_a_folded_scalar_parts() -> None:
    """`Bearer` at the end of a line, its token on the next."""
    text = _folded(f'{{"raw": "Host: x\\r\\nAuthorization: Bearer\n        {S}0\\r\\n"}}')
    assert leaks(redacted(text).text, S) == []


def _folded(body: str) -> str:
    return (
        "interactions:\n- request: {method: GET, uri: 'https://x.example/', headers: {}, body: null}\n  response:\n"
        f"    body:\n      string: '{body}'\n    headers: {{}}\n    status: {{code: 200, message: OK}}\nversion: 1\n"
    )


def test_a_counter_beside_the_pieces_does_not_part_them() -> None:
    """TGI numbers its events by `index`, which elsewhere tells texts apart."""
    pieces = [KEY[:8], KEY[8:16], KEY[16:24], KEY[24:]]
    events = [{"index": n, "token": {"id": n, "text": one, "logprob": -0.1}} for n, one in enumerate(["k ", *pieces])]
    done = redacted(vcrpy(BASE.answered(sse(*events), "text/event-stream")))
    assert not any(one in done.text for one in pieces)


def test_a_secret_that_is_a_key_is_shown_nowhere() -> None:
    done = redacted(vcrpy(BASE.answered(json.dumps({"spend": {KEY: {"password": S}}}))))
    assert done.rules == ["github", "password"]
    shown = str([(one.where, one.masked) for one in done.result.findings])
    assert KEY not in shown
    assert "$.spend.ghp_(hidden 40)" in shown


def test_what_a_rule_that_is_allowed_finds_stands() -> None:
    text = vcrpy(BASE.with_sent(X_Api_Key=S))
    allowing = plan(allow=("api-key",))
    assert redacted(text, allowing).text == text
    other = vcrpy(BASE.with_sent(Authorization=f"Bearer {S}"))
    assert redacted(other, allowing).rules == ["authorization"]


def test_a_short_match_is_not_masked_in_paths() -> None:
    wanted = plan(patterns=(Pattern.read("z$", 1),))
    done = redacted(vcrpy(BASE.asked(json.dumps({"zone": "z"}))), wanted)
    assert {one.where for one in done.result.findings} == {"request.body $.zone"}

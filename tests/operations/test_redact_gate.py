"""The gate lets nothing through: what it says is in a text, and that a scan behind it misses nothing.

In a file's text an escape such as `\\n` leaves its letter in front of the next word.
"""

import base64
import json
import os
from pathlib import Path

import pytest

from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.redact import text as texts
from cassette_cli.operations.redact.redacting import redact
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from operations.planting import BASE, IDS, NAMED, SHAPED, SHAPES, rng, secret
from operations.recorders import ENCODED, EXACT, vcrpy
from operations.redact_support import Open, load, plan, redacted

KEY = SHAPES["openai"](rng("gate"))
S = secret(rng("gate S"))

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


def findings(loaded: Loaded) -> set[tuple[int, str]]:
    return {(one.line, one.value) for one in redact(loaded, plan(), edit=False).findings}


def assert_nothing_is_missed(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    through_the_gate = findings(loaded)
    with monkeypatch.context() as patch:
        patch.setattr(texts, "Gate", Open)
        assert findings(loaded) <= through_the_gate


@pytest.mark.parametrize("recorder", [*EXACT, *ENCODED])
def test_an_open_gate_finds_no_more(recorder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = {**EXACT, **ENCODED}[recorder]
    for place, build in {**NAMED, **SHAPED}.items():
        token = secret(rng(place)) if place in NAMED else {**SHAPES, **IDS}["github"](rng(place))
        assert_nothing_is_missed(load(write(build(token))), monkeypatch)


@pytest.mark.skipif("CASSETTE_CORPUS" not in os.environ, reason="CASSETTE_CORPUS names no folder of cassettes")
def test_an_open_gate_finds_no_more_in_real_cassettes(monkeypatch: pytest.MonkeyPatch) -> None:
    most = int(os.environ.get("OPEN_GATE_BYTES", "20000"))
    failures: list[object] = []
    for path in sorted(Path(os.environ["CASSETTE_CORPUS"]).rglob("*.y*ml")):
        if path.stat().st_size < most:
            for loaded in load_all(Paths([str(path)]), Selection(), failures.append):
                assert_nothing_is_missed(loaded, monkeypatch)

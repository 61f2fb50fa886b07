"""The gate lets nothing through: what it says is in a text, and that a scan behind it misses nothing.

In a file's text an escape such as `\\n` leaves its letter in front of the next word.
"""

import base64
import json

import pytest

from operations.planting import BASE, SHAPES, rng, secret
from operations.recorders import EXACT
from operations.redact_support import redacted

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

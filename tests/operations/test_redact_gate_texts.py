"""The gate lets nothing through in any text: names in every spelling, tokens of every kind, under several encodings.

What an open gate finds in a text made at random, the gate finds too.
"""

import base64
import html
import json
import random
from itertools import pairwise
from urllib.parse import quote

import pytest

from cassette_cli.operations.redact.hits import Hit
from cassette_cli.operations.redact.rules.table import Table
from cassette_cli.operations.redact.text import Finder, Replacing
from operations.planting import IDS, SHAPES, secret
from operations.redact_support import Open

TABLE = Table()
NAMES = sorted(name.decode() for name in TABLE.words())
TOKENS = {**SHAPES, **IDS}
PROSE = ("the", "path/to", "max_tokens", "e2b_x", "data:", '{"a": 1}', "SKs", "eyJ0", "1/2", "monkey", "author", "%41")


CLOSED, OPENED = Finder(TABLE, Replacing()), Finder(TABLE, Replacing())
OPENED.gate = Open(TABLE)


def spelled(name: str, chance: random.Random) -> str:
    """Return a name in a spelling that means the same, behind what may stand before a name."""
    name = "".join(char.upper() if chance.random() < 0.2 else char for char in name)
    if len(name) > 3 and chance.random() < 0.5:
        at = chance.randrange(1, len(name))
        name = name[:at] + chance.choice("_-") + name[at:]
    return chance.choice(("", "", "", "my.", "user[", "cfg:")) + name


def part(chance: random.Random) -> str:
    name = spelled(chance.choice(NAMES), chance)
    value = secret(chance) if chance.random() < 0.5 else TOKENS[chance.choice(sorted(TOKENS))](chance)
    return chance.choice(
        (
            json.dumps({name: value}), f"{name}={value}", f"https://a.example/?q=1&{name}={value}&z=2", f"\n{name}: {value}\n",
            f"<{name}>{value}</{name}>", f'{name} = "{value}"', value, f"Bearer {value}", f"see {value}, and more",
            json.dumps({"name": name, "value": value}), f"'{name}': '{value}'", " ".join(chance.choices(PROSE, k=4)),
        )
    )  # fmt: skip


def escaped(text: str, chance: random.Random) -> str:
    """Return the inside of a JSON string with some letters as escapes, save those that are escapes already."""
    return "".join(
        f"\\u{ord(char):04x}" if char.isalpha() and before != "\\" and chance.random() < 0.1 else char
        for before, char in pairwise(" " + text)
    )


def encoded(text: str, chance: random.Random) -> str:
    return chance.choice(
        (
            json.dumps(text), json.dumps({"x": text}), json.dumps(text).replace("/", "\\/"), quote(text, safe=""), html.escape(text),
            base64.b64encode(text.encode()).decode(), base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        )
    )  # fmt: skip


def values(hits: list[Hit]) -> set[str]:
    return {secret.value for hit in hits for secret in hit.secrets}


@pytest.mark.parametrize("seed", range(8))
def test_an_open_gate_finds_no_more_in_any_text(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        text = chance.choice(("", " ", "\n", ",")).join(part(chance) for _ in range(chance.randint(1, 4)))
        if chance.random() < 0.2:
            text = json.dumps({"x": 1})[:-1] + ', "y": "' + escaped(json.dumps(text)[1:-1], chance) + '"}'
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
            text = encoded(text, chance)
        assert values(OPENED.find(text)) <= values(CLOSED.find(text)), text

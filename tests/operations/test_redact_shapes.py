"""Every token that a shape can have passes the gate: its literals, and what is said of where they stand, are true."""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cassette_cli.operations.redact.gate import Gate
from cassette_cli.operations.redact.rules.table import DEFAULT_LEVELS, Table

TABLE = Table(DEFAULT_LEVELS)
GATE = Gate(TABLE)
AROUND = re.compile(r"\(\?(?:<?[=!])(?:[^()\\]|\\.)*\)")
"""What a pattern asks of the text around and ahead; what is made without it is asked for it afterwards."""
SHAPES = [shape for shape in TABLE.all_shapes if "(?i:" not in shape.pattern.pattern]
BEFORE = ["", "key ", '"', "see\\n", "a\\t", "?next=x%3D", "/", "a.b:"]
few = settings(
    max_examples=10,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.rule.name)
def test_every_token_of_a_shape_passes_the_gate(shape):
    pattern = re.compile(AROUND.sub("", shape.pattern.pattern), re.ASCII)
    printable = st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])

    @few
    @given(st.from_regex(pattern, fullmatch=True, alphabet=printable), st.sampled_from(BEFORE))
    def check(token, before):
        if shape.pattern.search(token) is not None:
            assert token.startswith(shape.literals) or not shape.opens
            assert any(literal in token for literal in shape.literals)
        if shape.pattern.search(before + token) is not None:
            assert shape.rule.name in GATE.look(before + token).shapes

    check()

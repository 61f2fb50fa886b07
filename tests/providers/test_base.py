"""What a protocol is by default, and how it tells whose request a path is."""

import pytest

from cassette_cli.providers.base import Exchange, StreamProtocol, Usage, whole_frame


class Bare(StreamProtocol):
    name = "bare"
    about = "nothing"
    paths = ("/chat", "/model/*/converse", "/threads/**", "/agents/**/text", "/models/*:predict")


def test_a_protocol_that_says_nothing_claims_and_drops_nothing() -> None:
    bare = Bare()
    assert not bare.claims(Exchange(), whole_frame({"a": 1}))
    assert not bare.claims_whole(Exchange(), {"a": 1})
    assert bare.empties([whole_frame({})]) == []
    assert bare.conversation({"a": 1}).parameters == {"a": 1}
    with pytest.raises(NotImplementedError, match="bare has no decoder"):
        bare.decoder(Exchange())


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/chat", True),
        ("/chat", True),
        ("/chat/more", False),
        ("/model/m/converse", True),
        ("/v1/model/m.v1:0/converse", True),
        ("/model/m/n/converse", False),
        ("/model//converse", False),
        ("/model/m/converse-stream", False),
        ("/threads/t", True),
        ("/threads/t/runs", True),
        ("/threads", False),
        ("/agents/a/b/text", True),
        ("/agents/text", False),
        ("/models/m:predict", True),
        ("/models/m/n:predict", False),
        ("/models/m:predict\n", False),
    ],
)
def test_stars_in_paths(path: str, asked: bool) -> None:
    assert Bare().is_asked(path) == asked


def test_the_first_count_that_is_there_counts() -> None:
    usage = Usage(("in", "prompt"), ("out",), within=("tokens", "units"))
    assert usage.counts({"prompt": 3, "out": 2.0}) == (3, 2)
    assert usage.counts({"in": None, "prompt": 4, "out": True}) == (4, None)
    assert usage.counts({"tokens": {}, "units": {"in": 1}, "in": 9}) == (1, None)
    assert usage.counts({"in": float("nan")}) == (None, None)
    assert usage.counts(None) == (None, None)
    assert usage.reasoning({"completion_tokens_details": {"reasoning_tokens": 5}}) == 5
    assert usage.reasoning(None) is None

"""What holds for every pair of recordings: nothing differs from itself, and the way back mirrors the way there."""

import json
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.operations.diff import json_compare, words
from cassette_cli.operations.diff.cassettes import Version, compare
from cassette_cli.operations.diff.summary import stat
from cassette_cli.operations.diff.values import ABSENT, Index, Path, keys_of, sentences
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.redact.redacting import redact
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.trim.trimming import trim
from cassette_cli.operations.trim.volatile import drops
from cassette_cli.operations.volatile import Region, is_vacant, mask, place_of, reason
from operations.diff_support import Call, ask, chat, compared, streamed, told, version
from operations.redact_support import PLAN
from operations.trim_support import EVERYTHING

CORPUS = os.environ.get("CASSETTE_CORPUS", "")
needs_corpus = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")

_words = st.text("ab .\n", max_size=30)
_answers = st.one_of(
    _words.map(chat), st.lists(_words, max_size=4).map(lambda parts: streamed(*parts)), _words, st.just("")
)
_calls = st.builds(
    Call,
    request=st.one_of(st.none(), st.lists(_words, min_size=1, max_size=3).map(lambda texts: ask(*texts))),
    answer=_answers,
    url=st.sampled_from(
        ["https://a.example/v1/chat/completions", "https://a.example/v1/models", "https://b.example/x?n=1"]
    ),
    method=st.sampled_from(["POST", "GET"]),
    status=st.sampled_from([200, 429]),
    headers=st.dictionaries(st.sampled_from(["Date", "X-Shard", "Vary"]), st.sampled_from(["a", "b"]), max_size=2),
)
_recordings = st.lists(_calls, max_size=5)


@given(_recordings)
def test_nothing_differs_from_itself(calls: list[Call]):
    found = compared(calls, calls)
    assert not found.differs
    assert not found.volatile


@given(_recordings, _recordings)
def test_the_way_back_mirrors_the_way_there(old: list[Call], new: list[Call]):
    there, back = compared(old, new), compared(new, old)
    assert back == there.mirrored()
    forth, other = stat(there), stat(back)
    assert (forth.added, forth.removed, forth.moved) == (other.removed, other.added, other.moved)
    assert forth.words == other.words[::-1]
    assert forth.tokens == other.tokens[::-1]


@given(_recordings, _recordings)
def test_every_interaction_is_told_once(old: list[Call], new: list[Call]):
    found = compared(old, new).interactions
    if old == new:
        return
    assert sorted(one.old.index for one in found if one.old) == list(range(len(old)))
    assert sorted(one.new.index for one in found if one.new) == list(range(len(new)))


@given(_recordings, st.integers(0, 4), _calls)
def test_an_inserted_interaction_changes_no_other(calls: list[Call], at: int, more: Call):
    found = compared(calls, [*calls[:at], more, *calls[at:]])
    lines = told(found)
    assert len([line for line in lines if line.startswith("added")]) == 1
    # Interactions with equal requests may be told apart in more than one way; others are left alone.
    if all((one.url, one.method, one.request) != (more.url, more.method, more.request) for one in calls):
        assert lines == [line for line in lines if line.startswith("added")]


@given(st.text("ab c.\n", max_size=60), st.text("ab c.\n", max_size=60))
def test_words_join_to_both_texts(old: str, new: str):
    pieces = words.compare(old, new)
    assert "".join(text for sign, text in pieces if sign != "+") == old
    assert "".join(text for sign, text in pieces if sign != "-") == new
    assert all(a[0] != b[0] for a, b in pairwise(pieces))
    back = words.compare(new, old)
    flip = {"-": "+", "+": "-", "=": "="}
    assert sorted((flip[sign], text) for sign, text in back) == sorted(pieces)


@given(st.text("ab c.\n!?", max_size=80))
def test_sentences_join_to_the_text(text: str):
    assert "".join(sentences(text)) == text


@given(st.text("ab.?…。\"') \n\t\x0b", max_size=80))
def test_a_sentence_ends_at_a_line_or_at_a_mark_before_a_space(text: str):
    one = r"[^\n]*?(?:[.!?…。！？]+[\"'”’)\]]*(?=\s)[ \t]*|\n|$)"
    assert sentences(text) == [piece for piece in re.findall(one, text) if piece]


@given(st.one_of(st.text(st.characters(max_codepoint=127)), st.text()))
def test_ascii_is_cut_as_all_other_texts(text: str):
    assert words._cut(text) == words._WORDS.findall(text)


@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("pieces", [".", "word ", "é "])
def test_a_text_is_short_by_the_number_of_its_words(pieces: str, more: int):
    text = "".join(words._cut(pieces * words._MANY)[: words._MANY + more]) + ("." if more > 0 else "")
    assert words._is_short(text) == (len(words._cut(text)) <= words._MANY) == (more <= 0)


@given(st.one_of(st.text(), st.text("ab_1 -.\u00e9\u0301\u4e2d\u00a0\x1c")))
def test_the_vocabulary_of_a_text_is_its_words(text: str):
    assert words.vocabulary(text) == {word.encode() for word in re.findall(r"\w+", text)}


_keys = st.sampled_from(["id", "created_at", "p", "content", "arguments", "choices", "tool_call_id", "startTime"])
_scalars = st.sampled_from([None, "", "hello", "chatcmpl-8x9y7z1234", 1_700_000_000, 1, True, "2024-01-01T00:00:00Z"])
_json = st.recursive(
    _scalars, lambda one: st.one_of(st.lists(one, max_size=3), st.dictionaries(_keys, one, max_size=4))
)


@given(_json, st.sampled_from(["request", "response", "content"]))
def test_what_is_masked_is_what_is_volatile(value: Any, place: Region):
    def masked(item: Any, where: Region, path: Path = (), parent: Any = None) -> Any:
        if isinstance(item, list):
            return [masked(one, where, (*path, Index(0, 0)), parent) for one in item]
        if isinstance(item, dict):
            found = {key: masked(one, place_of(key, item, where), (*path, key), item) for key, one in item.items()}
            return {key: one for key, one in found.items() if where != "response" or not is_vacant(one)}
        why = reason(*keys_of(path), item, parent, where)
        return item if why is None else f"<{why}>"

    assert mask(value, place) == masked(value, place)


_items = st.one_of(
    _json,
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "tool", ""]), "content": st.sampled_from(["a b c", "a b d", "x"])},
        optional={
            "name": st.sampled_from(["", "f", "g"]),
            "id": st.sampled_from(["call_8x9y7z1234", "call_1a2b3c4d5e"]),
        },
    ),
)
_places = st.sampled_from(["request", "response", "content"])


@given(st.lists(_items, max_size=5), st.lists(_items, max_size=5), _places)
def test_items_that_pair_at_sight_pair_by_all_that_is_in_them(old: list[Any], new: list[Any], place: Region):
    slow = json_compare._matched(old, new, place)
    assert json_compare.aligned(old, new, place) == slow


@given(_json, _json, _places)
def test_what_is_identical_differs_nowhere(old: Any, new: Any, place: Region):
    same = json.dumps(old) == json.dumps(new)
    assert json_compare.identical(old, new) == same
    if same:
        assert not list(json_compare._unlike(old, new, place, (), (None, None)))


@given(st.text("ab c.\n", max_size=60), st.text("ab c.\n", max_size=60), st.integers(0, 3))
def test_lines_name_all_that_changed(old: str, new: str, context: int):
    shown = words.lines(old, new, context)
    assert (old == new) == (not any(sign in "-+" for sign, _ in shown))


def test_texts_that_differ_everywhere_take_little_time():
    old = " ".join(f"word{n}" for n in range(60_000))
    new = " ".join(f"other{n}" for n in range(60_000))
    assert words.count(old, new)[0] >= 60_000


def _corpus() -> Iterator[tuple[Loaded, Version]]:
    for loaded in load_all(Paths([CORPUS], exclude=("history",)), Selection(), lambda error: None):
        if not loaded.cassette.not_http:
            yield loaded, Version(loaded.cassette.path, loaded.cassette.document.raw, loaded.cassette)


@needs_corpus
def test_trim_changes_nothing_that_diff_would_name():
    trimmed = 0
    for loaded, before in _corpus():
        after = trim(loaded, EVERYTHING).after
        if after is None:
            continue
        trimmed += 1
        difference = compare(before, version(after.raw, before.path))
        # trim goes by names: a rate limit that names a model, a date that is none: what values do not bear out is told.
        dropped = [change for one in difference.interactions for change in one.changes if change.kind == "header"]
        assert all(drops(change.path[0], EVERYTHING.headers) and change.new is ABSENT for change in dropped), dropped
        assert len(told(difference)) == len(dropped), before.path
    assert trimmed > 100


@needs_corpus
def test_redact_is_told_by_what_it_redacted_and_nothing_else():
    redacted = named = 0
    for loaded, before in _corpus():
        after = redact(loaded, PLAN).after
        if after is None:
            continue
        redacted += 1
        for one in compare(before, version(after.raw, before.path)).interactions:
            assert not one.moved
            assert one.state in ("same", "changed"), before.path
            for change in one.changes:
                named += 1
                assert "REDACTED" in json.dumps(change.new), (before.path, change)
    assert redacted
    assert named


@needs_corpus
def test_other_bytes_with_the_same_meaning_are_no_difference():
    for _, one in _corpus():
        if one.cassette.document.is_json:
            continue
        difference = compare(one, version(one.raw + b"\n# another line\n", one.path))
        assert told(difference) == [], one.path
        assert difference.volatile == {"layout": 1}, one.path

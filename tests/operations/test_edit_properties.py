"""Over our own cassettes, and the real ones where they are at hand: what must hold of every edit."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cassette_cli.errors import CassetteError
from cassette_cli.formats import registry
from cassette_cli.operations.edit.answers import Answer
from cassette_cli.operations.edit.assignments import apply, parse
from cassette_cli.operations.edit.changing import change
from cassette_cli.operations.edit.decoding import decode
from cassette_cli.operations.edit.draft import Draft, NothingThereError
from cassette_cli.operations.edit.removing import is_same, remove
from cassette_cli.operations.edit.splitting import join, split
from cassette_cli.operations.edit.views import What, view
from cassette_cli.operations.loading import Loaded, load_one
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths, Target, targets
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node, walk

ROOT = Path(__file__).parents[2]
FOLDERS = [str(ROOT / "examples"), *filter(None, [os.environ.get("CASSETTE_CORPUS")])]
EVERY = 7
"""Of the leaves of a body in the corpus, one in so many is set."""


def files() -> list[str]:
    return [target.path for target in targets(Paths(FOLDERS))]


def loaded(path: str) -> Loaded:
    try:
        found = load_one(Target(path), Paths([path]), Selection())
    except CassetteError:
        pytest.skip("no cassette")
    if found.cassette.not_http:
        pytest.skip("no HTTP")
    return found


def again(one: Loaded, document: Document) -> Loaded:
    return one._replace(cassette=registry.load(Document(document.raw, document.path)))


@pytest.mark.parametrize("path", files())
def test_what_comes_back_unchanged_changes_no_byte(path: str) -> None:
    one = loaded(path)
    seen = 0
    for reading in one.selection.readings(one.cassette):
        for side in ("request", "response"):
            whats: tuple[What, ...] = ("body", "headers", "interaction", "message")
            for what in whats if side == "response" else whats[:2]:
                draft = Draft(one.cassette, reading)
                try:
                    shown = view(draft, what, side)
                except NothingThereError:
                    continue
                except CassetteError as error:
                    assert "binary" in error.message  # noqa: PT017 - one of the few that may be
                    shown = view(draft, what, side, raw=True)
                shown.take(shown.document)
                assert draft.edits() == []
                seen += 1
    assert seen


def lines_changed(before: str, after: str) -> int:
    return sum(line[:1] in "+-" for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)) - 2


def leaves(node: Node, path: str = "$") -> Iterator[tuple[str, Node]]:
    if node.kind == "scalar":
        yield path, node
    for key, value in node.pairs:
        if "'" not in key.value:
            yield from leaves(value, f"{path}['{key.value}']")
    for index, item in enumerate(node.items):
        yield from leaves(item, f"{path}[{index}]")


def set_and_back(one: Loaded, index: int, there: str, back: str, *, request: bool = False) -> None:
    """Set a leaf to a value and back, and compare the bytes; in the file of a stored structure as well."""
    side = "request" if request else "response"

    def run(now: Loaded, text: str) -> Loaded:
        chosen = now._replace(selection=Selection((str(index),)))
        done = change(chosen, lambda draft: apply(draft, [parse(text)], side))
        assert done.after is not None, text
        return again(now, done.after)

    set_there = run(one, there)
    if set_there.cassette.document.text.count("\n") < 20_000:
        assert lines_changed(one.cassette.document.text, set_there.cassette.document.text) <= 24, there
    assert run(set_there, back).cassette.document.raw == one.cassette.document.raw, there


@pytest.mark.parametrize("path", files())
def test_any_leaf_that_is_set_and_set_back_gives_the_first_bytes(path: str) -> None:
    """Headers, URL, method, status, and texts and numbers in JSON bodies that are not compressed again."""
    one = loaded(path)
    in_corpus = not path.startswith(FOLDERS[0])
    number = 0
    for reading in one.selection.readings(one.cassette):
        interaction = reading.interaction
        index, response = interaction.index, interaction.response
        if number and in_corpus and index % EVERY:
            continue
        if interaction.request.url_node is not None and interaction.request.query_node is None:
            set_and_back(one, index, f"url={interaction.request.url}x", f"url={interaction.request.url}")
        if response is None:
            continue
        if response.status is not None:
            other = 404 if response.status != 404 else 503
            reason = [] if response.reason is None else [f"reason={response.reason}"]
            there = change(
                chosen(one, index), lambda draft, code=other: apply(draft, [parse(f"status={code}")], "response")
            )
            assert there.after is not None
            back = [parse(text) for text in (f"status={response.status}", *reason)]
            done = change(
                chosen(again(one, there.after), index), lambda draft, all_of=back: apply(draft, all_of, "response")
            )
            assert done.after is not None
            assert done.after.raw == one.cassette.document.raw
        for line in list(response.headers)[:: EVERY if in_corpus else 1]:
            alone = sum(other.name.lower() == line.name.lower() for other in response.headers) == 1
            if (
                alone
                and line.value.isalnum()
                and not line.value.isdigit()
                and line.node is not None
                and line.node.tag == "str"
            ):
                set_and_back(one, index, f"header:{line.name}={line.value}x", f"header:{line.name}={line.value}")
        body = response.body
        if body.text is None or body.json is None or set(body.layers) - {"parsed"}:
            continue
        tree = Document(body.text.encode("utf-8", "replace"), is_json=True).root
        for place, leaf in list(leaves(tree))[:: 40 if in_corpus else 3]:
            if leaf.tag == "str" and leaf.value.isprintable() and leaf.value and not leaf.value.isspace():
                quoted = leaf.value.replace("\\", "\\\\").replace('"', '\\"')
                set_and_back(one, index, f'body:{place}="{quoted}x"', f'body:{place}="{quoted}"')
            elif leaf.tag == "int":
                set_and_back(one, index, f"body:{place}={int(leaf.value) + 1}", f"body:{place}={leaf.value}")
            number += 1


def chosen(one: Loaded, index: int) -> Loaded:
    return one._replace(selection=Selection((str(index),)))


@pytest.mark.parametrize("path", files())
def test_the_words_of_every_answer_can_be_changed(path: str) -> None:
    one = loaded(path)
    for reading in one.selection.readings(one.cassette):
        draft = Draft(one.cassette, reading)
        try:
            answer = Answer(reading)
        except NothingThereError:
            continue
        wanted = {}
        for number, choice in enumerate(answer.message["choices"]):
            for name in ("text", "reasoning"):
                if choice[name]:
                    wanted["choices", number, name] = f'{choice[name].rstrip()} \u2713 and "more"'
            for place, call in enumerate(choice["tool_calls"]):
                if call["arguments"]:
                    wanted["choices", number, "tool_calls", place, "arguments"] = '{"a":"new \u2713"}'
        if not wanted:
            continue
        changed = answer.change(wanted)
        payload = draft.payload("response")
        payload.replace(changed) if isinstance(changed, bytes) else payload.change(changed)
        done = change(
            chosen(one, reading.interaction.index),
            lambda other, new=payload.now: other.payload("response").replace(new),
        )
        assert done.after is not None
        fresh = next(
            chosen(again(one, done.after), reading.interaction.index).selection.readings(registry.load(done.after))
        )
        assert fresh.message is not None
        for (_, number, *rest), value in wanted.items():
            found = fresh.message.as_json()["choices"][number]
            for step in rest:
                found = found[step]
            assert found == value


@pytest.mark.parametrize("path", files())
def test_removing_leaves_the_others_and_parts_join_again(path: str) -> None:
    one = loaded(path)
    cassette = one.cassette
    count = len(cassette.interactions)
    if cassette.container is None:
        return
    if count > 1:
        for gone in ({0}, {count - 1}, {count // 2}):
            after = remove(one, gone, force=True).after
            assert after is not None
            kept = [item for item in cassette.interactions if item.index not in gone]
            found = registry.load(after).interactions
            assert all(is_same(old.node, new.node) for old, new in zip(kept, found, strict=True))
            if not any(node.identity for item in kept for node in walk(item.node) if node.start < item.node.start):
                left = after.text
                for item in kept:
                    assert cassette.document.text[item.node.start : item.node.end].rstrip() in left
    pieces = split(one, "interaction")
    parts = [one._replace(cassette=registry.load(Document(piece.document.raw, piece.name))) for piece in pieces]
    assert join(parts).raw == cassette.document.raw


@pytest.mark.parametrize("path", files())
@pytest.mark.parametrize("pretty", [False, True])
def test_decoding_twice_changes_nothing_more(path: str, pretty: bool) -> None:
    one = loaded(path)
    before = [item.response.body.data if item.response else None for item in one.cassette.interactions]
    done = decode(one, lay_out=pretty)
    assert [left for left in done.left if left.unread] == []
    if done.edited.after is None:
        return
    fresh = again(one, done.edited.after)
    assert decode(fresh, lay_out=pretty).edited.after is None
    if not pretty:
        assert [item.response.body.data if item.response else None for item in fresh.cassette.interactions] == before

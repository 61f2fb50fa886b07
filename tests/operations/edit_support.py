"""Shared by the tests of editing: a body in, a go-vcr cassette around it, and the changed body out."""

from collections.abc import Callable
from typing import Any

from cassette_cli.formats import registry
from cassette_cli.operations.edit.answers import Answer
from cassette_cli.operations.edit.changing import change
from cassette_cli.operations.edit.draft import Draft
from operations.trim_support import cassette_text, loaded_from

Wanted = Callable[[dict[str, Any]], dict[tuple[str | int, ...], Any]]
"""From an answer, as JSON, to what is to become of its leaves."""


def answered(body: str | bytes, wanted: Wanted, **kwargs: Any) -> tuple[Any, dict[str, Any], dict[Any, Any]]:
    """Change the answer of a body inside a cassette; returns the new body, the old answer and what was asked."""
    asked: dict[Any, Any] = {}
    old: dict[str, Any] = {}

    def make(draft: Draft) -> None:
        answer = Answer(draft.reading)
        old.update(answer.message)
        asked.update(wanted(answer.message))
        changed = answer.change(asked)
        payload = draft.payload("response")
        payload.replace(changed) if isinstance(changed, bytes) else payload.change(changed)

    result = change(loaded_from(cassette_text(body, **kwargs)), make)
    document = result.after or result.loaded.cassette.document
    return registry.load(document).interactions[0].response.body.payload, old, asked

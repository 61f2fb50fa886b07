"""Shared by the tests of trim: a body in, a go-vcr cassette around it, and the trimmed body out."""

import base64
import json
from pathlib import Path
from typing import Any

import yaml

from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.trimming import Result, trim
from cassette_cli.operations.trim.volatile import droppable
from cassette_cli.source.document import Document

URL = "https://api.example.com/v1/chat/completions"

EVERYTHING = Options(padding=True, pings=True, coalesce=0, headers=droppable())


def only(**chosen: Any) -> Options:
    """Return options with nothing on but what is chosen."""
    return Options(**{"empty": False, **chosen})


def cassette_text(
    body: str | bytes,
    *,
    url: str = URL,
    content_type: str = "text/event-stream",
    headers: dict[str, str] | None = None,
    length: int | None = None,
) -> str:
    """Return a go-vcr cassette of one interaction; bytes become `!!binary`."""
    if isinstance(body, bytes):
        scalar = f"!!binary {base64.b64encode(body).decode()}"
    else:
        scalar = yaml.dump(body, default_style='"', allow_unicode=True, width=1 << 30).removesuffix("\n")
    lines = {"Content-Type": content_type, **(headers or {})}
    written = "".join(f"            {name}:\n              - {json.dumps(value)}\n" for name, value in lines.items())
    return (
        "---\nversion: 2\ninteractions:\n  - id: 0\n    request:\n        body: '{\"stream\": true}'\n"
        f"        headers: {{}}\n        url: {url}\n        method: POST\n    response:\n"
        f"        content_length: {-1 if length is None else length}\n        body: {scalar}\n"
        f"        headers:\n{written}        status: 200 OK\n        code: 200\n        duration: 12.5ms\n"
    )


def loaded_from(text: str | bytes, path: str | None = None) -> Loaded:
    """Load a cassette that is not on disk."""
    raw = text.encode() if isinstance(text, str) else text
    return Loaded(registry.load(Document(raw, path)), Selection(), len(raw))


def load_file(path: Path) -> Loaded:
    """Load a cassette as a command does."""

    def fail(error: Exception) -> None:
        raise error

    (loaded,) = load_all(Paths([str(path)]), Selection(), fail)
    return loaded


def trimmed(body: str | bytes, options: Options, **kwargs: Any) -> tuple[Any, Result]:
    """Trim a body inside a cassette; returns the new body, decoded, and the result."""
    result = trim(loaded_from(cassette_text(body, **kwargs)), options)
    document = result.after or result.loaded.cassette.document
    return registry.load(document).interactions[0].response.body.payload, result  # type: ignore[union-attr]


def message_of(cassette: Cassette) -> Any:
    """Return the message of the first interaction, as JSON."""
    message = Reading(cassette.interactions[0]).message
    return None if message is None else message.as_json()


def chunk(delta: Any, *, finish: str | None = None, index: int = 0, **extra: Any) -> dict[str, Any]:
    """Return a chunk of chat completions."""
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **extra}

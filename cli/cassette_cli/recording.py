"""Hooks for VCR.py and pytest-recording: what they record holds no secret from the start.

    my_vcr = vcr.VCR(**recording.hooks())

VCR.py passes live requests through `before_record_request` before it matches them, too, so that they still find what
was recorded. Rules, placeholders and levels are those of `cassette redact`, with the project's settings. Requests and
responses are those of https://github.com/kevin1024/vcrpy: `vcr/request.py`, and the dict of `vcr/stubs/__init__.py`.
"""

import base64
import copy
import json
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cassette_cli.model.body import Body
    from cassette_cli.model.headers import Headers
    from cassette_cli.operations.redact.options import Chosen
    from cassette_cli.operations.redact.redacting import Redacted

Hook = Callable[[Any], Any]

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""What JSON lets stand in a string and YAML does not."""
_FIELDS = ("url",)
"""What responses of some clients hold beside status, headers and body: aiohttp's."""


class NotScannedWarning(UserWarning):
    """A part of a message could not be looked into, and is recorded as it came."""


class Redactor:
    """Redacts requests and responses as they are recorded, by the rules of `cassette redact`.

    The settings are those of the folder `start`, or of the working folder, read when the first message comes.
    """

    def __init__(self, start: str | Path | None = None) -> None:
        self._start = start
        self._last = threading.local()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Redactor":
        # pytest-recording copies its configuration for every test.
        return self

    def before_record_request(self, request: Any) -> Any:
        """Return the request without secrets: the same object where it holds none, else a changed copy.

        Raises `EditError` where the result cannot be proved, `UsageError` where the settings are wrong.
        """
        fields = _request_fields(request)
        if getattr(self._last, "fields", None) == fields:
            return self._last.redacted(request)
        self._last.fields = fields
        self._last.redacted = _changed_request(self._redacted({"request": fields, "response": {}}))
        return self._last.redacted(request)

    def before_record_response(self, response: Any) -> Any:
        """Return the response without secrets: nothing of the request that it answers is left in it either.

        Raises `EditError` where the result cannot be proved, `UsageError` where the settings are wrong.
        """
        request = getattr(self._last, "fields", None) or {"method": "GET", "uri": "", "headers": {}}
        result = self._redacted({"request": request, "response": _response_fields(response)})
        return response if result.after is None else _changed_response(response, result)

    @cached_property
    def _chosen(self) -> "Chosen":
        from cassette_cli import config
        from cassette_cli.operations.redact.options import Given, chosen

        return chosen(
            config.section("redact", self._start), Given(), lambda error: warnings.warn(str(error), stacklevel=2)
        )

    def _redacted(self, interaction: dict[str, Any]) -> "Redacted":
        from cassette_cli.formats import vcrpy
        from cassette_cli.operations.loading import Loaded
        from cassette_cli.operations.redact.redacting import redact
        from cassette_cli.operations.selecting import Selection
        from cassette_cli.source.document import Document

        raw = _written({"version": 1, "interactions": [interaction]}).encode()
        loaded = Loaded(vcrpy.FORMAT.load(Document(raw)), Selection(), len(raw))
        result = redact(loaded, self._chosen.plan, remove=self._chosen.remove, input_format=vcrpy.FORMAT.name)
        for gap in result.gaps:
            warnings.warn(f"{gap.where}: {gap.reason}", NotScannedWarning, stacklevel=4)
        return result


def hooks(start: str | Path | None = None) -> dict[str, Hook]:
    """Return the hooks as arguments of `vcr.VCR`, or as what pytest-recording's fixture `vcr_config` returns."""
    redactor = Redactor(start)
    return {
        "before_record_request": redactor.before_record_request,
        "before_record_response": redactor.before_record_response,
    }


_SHARED = Redactor()


def before_record_request(request: Any) -> Any:
    """Return a request of VCR.py without secrets, by the settings of the working folder."""
    return _SHARED.before_record_request(request)


def before_record_response(response: Any) -> Any:
    """Return a response of VCR.py without secrets, by the settings of the working folder."""
    return _SHARED.before_record_response(response)


# What a message is as a cassette of VCR.py, and back


class _Binary(bytes):
    """Bytes that are written as YAML's `!!binary`."""


def _request_fields(request: Any) -> dict[str, Any]:
    return {
        "method": str(request.method),
        "uri": str(request.uri),
        "headers": _header_fields(request.headers),
        "body": _body_field(_body_of(request)),
    }


def _body_of(request: Any) -> Any:
    body = request.body
    if hasattr(body, "read"):
        return body.read()
    if isinstance(body, str | bytes | bytearray | None):
        return body
    return b"".join(one.encode() if isinstance(one, str) else bytes(one) for one in body)


def _response_fields(response: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {key: str(response[key]) for key in _FIELDS if key in response}
    body = response.get("body")
    content = body.get("string") if isinstance(body, Mapping) else response.get("content")
    return {
        **fields,
        "headers": _header_fields(response.get("headers") or {}),
        "body": {"string": _body_field(content)},
    }


def _header_fields(headers: Mapping[Any, Any]) -> dict[str, list[str]]:
    return {_text(name): [_text(one) for one in _each(value)] for name, value in headers.items()}


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body_field(body: Any) -> Any:
    if body is None:
        return None
    return _Binary(body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body))


def _written(value: Any) -> str:
    """Return a value as YAML in the style of JSON."""
    if isinstance(value, _Binary):
        return f'!!binary "{base64.b64encode(value).decode("ascii")}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)}: {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _changed_request(result: "Redacted") -> Hook:
    """Return what makes a request of VCR.py into the redacted one."""
    if result.after is None:
        return lambda request: request
    from cassette_cli.formats import vcrpy

    new = vcrpy.FORMAT.load(result.after).interactions[0].request
    headers = _headers_read(new.headers)

    def change(request: Any) -> Any:
        changed = copy.copy(request)
        changed.uri = new.url
        changed.headers = {name: values[0] for name, values in headers.items()}
        body = _body_read(new.body)
        if body is not None:
            # A body that came in pieces goes on as one piece.
            in_pieces = getattr(request, "_was_iter", False) and not getattr(request, "_was_file", False)
            changed.body = [body] if in_pieces else body
        return changed

    return change


def _changed_response(response: Mapping[str, Any], result: "Redacted") -> dict[str, Any]:
    from cassette_cli.formats import vcrpy

    assert result.after is not None
    interaction = vcrpy.FORMAT.load(result.after).interactions[0]
    new = interaction.response
    assert new is not None
    changed = {**response, "headers": _headers_read(new.headers)}
    if not all(isinstance(value, list | tuple) for value in (response.get("headers") or {}).values()):
        changed["headers"] = {name: values[0] for name, values in changed["headers"].items()}
    body = _body_read(new.body)
    old = response.get("body")
    if isinstance(old, Mapping) and body is not None:
        changed["body"] = {**old, "string": body.decode() if isinstance(old.get("string"), str) else body}
    elif body is not None and "content" in response:
        changed["content"] = body.decode() if isinstance(response["content"], str) else body
    node = interaction.node.get("response")
    for key in _FIELDS:
        if key in response and node is not None and (found := node.get(key)) is not None:
            changed[key] = found.value
    return changed


def _headers_read(headers: "Headers") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in headers:
        found.setdefault(line.name, []).append(line.value)
    return found


def _body_read(body: "Body") -> bytes | None:
    if body.node is None or body.node.tag == "null" or body.node.is_null:
        return None
    return base64.b64decode(re.sub(r"\s", "", body.node.value))

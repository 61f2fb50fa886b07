"""What went wrong, in the provider's words: error bodies of HTTP answers, and errors inside streams."""

from typing import Any

from cassette_cli.model.message import Message
from cassette_cli.providers.values import as_text, obj, text
from cassette_cli.streams.frames import NOT_JSON, Frame

_WORDS = ("message", "Message", "msg", "detail", "errorMessage", "error_message")
_FAULT_WORDS = (*_WORDS, "description", "title")
_LABELS = ("error_type", "__type", "type", "code", "status", "key")


def error_text(error: Any) -> str:
    """Return a provider's error object as one line: its type or code, and its message."""
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict):
        return as_text(error)
    error = obj(error.get("error")) or error
    message = next((error[k] for k in ("message", "Message", "detail", "msg") if error.get(k)), None)
    if message is None:
        return as_text(error)
    label = next((error[k] for k in ("type", "__type", "status", "code") if error.get(k)), None)
    words = as_text(message)
    return words if label is None or as_text(label) in words else f"{as_text(label)}: {words}"


def error_message(payload: Any) -> str | None:
    """Return the provider's words out of the JSON body of a failed HTTP request, None if it has none.

    Known shapes: `{error: {message, type, code, status}}` (OpenAI, Anthropic, Google, Azure, JSON-RPC),
    the same inside a list of one (Google), `{error: "…"}` with `error_type`, `error_description`,
    `message` or `code` beside it (Ollama, Hugging Face, OAuth, xAI), `{message}`, `{Message}` and
    `{__type}` (AWS, Cohere), `{object: "error", message}` (Mistral, vLLM), `{detail}` as text or as a
    list of `{loc, msg}` (FastAPI, Mistral, problem details) and `{errors: […]}` (Writer, watsonx, GraphQL).
    """
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]
    if not isinstance(payload, dict):
        return None
    error = payload.get("error")
    if isinstance(error, dict) and error:
        return error_text(error)
    if error and not isinstance(error, bool):
        return _plain(error, payload)
    if payload.get("errors"):
        return _listed(payload["errors"])
    for key in ("detail", "message"):
        inner = payload.get(key)
        if key == "message" and isinstance(inner, dict):  # Mistral nests the list of faults once more.
            inner = inner.get("detail")
        if isinstance(inner, list) and inner:
            return _listed(inner)
        if isinstance(inner, dict) and inner and key == "detail":
            return error_message(inner) or as_text(inner)
    return _flat(payload)


def _plain(error: Any, payload: dict[str, Any]) -> str:
    """Join an error that is a string, or a list, with what stands beside it."""
    words = _listed(error) if isinstance(error, list) else as_text(error)
    beside = text(payload.get("error_description")) or text(payload.get("message"))
    if beside and beside != words:
        return f"{words}: {beside}"
    label = text(payload.get("error_type")) or text(payload.get("code"))
    return f"{label}: {words}" if label and label not in words else words


def _listed(faults: Any) -> str:
    """Join a list of faults; each may say where it lies (`loc`)."""
    if not isinstance(faults, list):
        return as_text(faults)
    lines = []
    for fault in faults:
        words = (_flat(fault, _FAULT_WORDS) or as_text(fault)) if isinstance(fault, dict) else as_text(fault)
        place = fault.get("loc") if isinstance(fault, dict) else None
        where = ".".join(as_text(step) for step in place) if isinstance(place, list) else ""
        lines.append(f"{where}: {words}" if where else words)
    return "; ".join(lines)


def _flat(payload: dict[str, Any], names: tuple[str, ...] = _WORDS) -> str | None:
    """Return the words of an error that is the object itself, after its type or code."""
    words = next((payload[k] for k in names if isinstance(payload.get(k), str) and payload[k]), None)
    label = next((as_text(payload[k]) for k in _LABELS if payload.get(k) and payload[k] != "error"), None)
    if words is None:
        return text(payload.get("__type")) or None
    return words if label is None or label in words or "loc" in payload else f"{label}: {words}"


def failure(payload: dict[str, Any]) -> Message | None:
    """Return the message of a request that failed, None if the body has no words for it."""
    words = error_message(payload)
    return None if words is None else Message(complete=False, errors=[words])


def frame_error(frame: Frame) -> Any:
    """Return the error in a frame of an OpenAI-like or Anthropic stream, None if it has none."""
    chunk = frame.object
    error = chunk.get("error")
    if error:
        return error
    if chunk.get("object") == "error" or chunk.get("type") == "error":
        return chunk
    if frame.event == "error":
        return chunk or (frame.data if frame.json is NOT_JSON else frame.json)
    return None


def field_error(frame: Frame) -> Any:
    """Return the error that a frame carries as an SSE field `error: …`, which all SDKs ignore."""
    words = (frame.fields or {}).get("error")
    if not words:
        return None
    return Frame(None, words, frame.span).object or words


def has_error(frame: Frame) -> bool:
    """Say whether a frame carries an error, in whichever place."""
    return frame_error(frame) is not None or field_error(frame) is not None


def record(message: Message, error: Any, note: str | None = None) -> None:
    """Add an error to the message, once, with a note on what a client would have made of it."""
    words = error_message(error) or error_text(error)
    if words not in message.errors:
        message.errors.append(words)
        if note:
            message.notes.append(note)


def record_frame(message: Message, frame: Frame) -> bool:
    """Add the error of a frame, in whichever place it stands; say whether the frame has one."""
    ignored = field_error(frame) if frame.fields else None
    if ignored is not None:
        record(message, ignored, "an error is sent as an SSE field, which SDKs ignore in silence")
    error = frame_error(frame)
    if error is not None:
        record(message, error)
    return error is not None or ignored is not None

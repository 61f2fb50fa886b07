"""A cassette as stable text, a line a fact, for git to compare: what `cassette textconv` prints.

The text has no positions, so that an inserted interaction is a block and no cascade; no colours; LF; JSON
keys in order of the alphabet; texts a line a sentence; volatile values as their reason in angle brackets.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from cassette_cli.errors import CassetteError
from cassette_cli.formats import registry
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette
from cassette_cli.model.message import Choice, Message
from cassette_cli.operations.diff import remainder
from cassette_cli.operations.diff.values import Blob, is_vector, parsed, plain, sentences
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.volatile import header_text, is_vacant, mask
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document, Input
from cassette_cli.source.later import pattern

VIEW: Final = 3
"""Which text this is: it counts up when the output changes, and git drops what it kept of the old one."""

_SUSPECT: Final = pattern(
    r"(?i:auth|authorization|key|token|secret|password|passwd|cookie|credentials?|session|signature)\s*[:=]"
    r"(?!\s*(?:<|$|null|REDACTED|Bearer REDACTED))"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])(?!(?<=sha256 )[0-9a-f]{64}(?!\w))\w{12,}|://[^/\s]*@"
)
"""What a text that may hold a secret has: a name that tells of one, or a long word of letters and digits."""

_BASE64: Final = pattern(
    r"(?:data:(?P<media>[\w.+-]{1,60}/[\w.+-]{1,60})(?:;[\w.=-]{1,60}){0,3};base64,)?(?P<data>[A-Za-z0-9_+/-]{400,}={0,2})",
)
"""What is told by its length and hash alone: pictures and sound in JSON."""
_STEP = "  "
_FIRST = ("role", "type", "name", "model")


MASK_KEY: Final = "cassette.maskKey"
"""The setting of git that holds the key of the hashes beside masks."""

Key = Callable[[], str | None]


def key_of_git() -> str | None:
    """Return the key of the repository's settings, None where there is none."""
    from cassette_cli import git

    try:
        return git.Settings.effective(MASK_KEY)
    except git.GitError:
        return None


def convert(raw: bytes | Input, path: str, key: Key = key_of_git) -> str:
    """Return the text of a cassette; raises `CassetteError` for what is none.

    `key` returns the key of the hashes that stand beside masked secrets; it is called where there is a secret.
    """
    given = raw if isinstance(raw, Input) else Input(raw)
    data, codec = unwrap(given.raw, path)
    registry.refuse_others(data, path)
    if codec is not None:
        given = Input(data)
    del data
    cassette = registry.load(Document(given, path, once=True))
    found = _text(cassette)
    if not _SUSPECT.search(found):
        return found
    if cassette.document.is_held_in_pieces:  # what masks looks at all of it, more than once
        cassette = registry.load(Document(given.raw, path))
    return _masked(cassette, found, key)


def printed(raw: bytes | Input, path: str, key: Key = key_of_git, tell: Callable[[str], object] = str) -> bytes:
    """Return what git is to be shown of a file: its text, or the file itself where it cannot be converted."""
    given = raw if isinstance(raw, Input) else Input(raw)
    try:
        return convert(given, path, key).encode("utf-8", "backslashreplace")
    except CassetteError:
        return given.raw
    except Exception as error:  # noqa: BLE001 - git dies of any other exit code than 0
        tell(f"{path}: {type(error).__name__}: {error}")
        return given.raw


def _text(cassette: Cassette) -> str:
    """Return the text of a cassette, its interactions in their order."""
    lines = [f"cassette {cassette.format}"]
    if cassette.not_http is not None:
        lines.append(f"{cassette.not_http}, {cassette.entries} entries")
        lines += [] if cassette.interactions else cassette.document.text.splitlines()
    for interaction in cassette.interactions:
        lines += ["", *_interaction(Reading(interaction))]
    # Git and terminals must take nothing recorded for control, nor for a line break.
    return "".join(_inert(line) + "\n" for line in lines)


def _masked(cassette: Cassette, found: str, key: Key) -> str:
    """Mask secrets by the rules of `cassette redact`, which take longer to load than a small cassette to convert."""
    from cassette_cli.operations.redact import masking

    plan = masking.default_plan(key())
    clean = masking.masked(cassette, plan)
    return masking.Masker(plan).text(found) if clean is None else _text(clean)


def _inert(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def _interaction(reading: Reading) -> Iterator[str]:
    interaction = reading.interaction
    request, response = interaction.request, interaction.response
    status = "no response" if response is None else f"{response.status}"
    yield f"{request.method} {request.url} {status}"
    yield from _headers("> ", request.headers, request.body)
    if request.body.payload:
        yield "> body"
        yield from _body(request.body.json, plain(request.body), "request", "> " + _STEP)
    if response is None:
        return
    yield from _headers("< ", response.headers, response.body)
    message = reading.message
    if message is not None:
        yield from _message(message, "< ")
        rest = _rest(reading, message)
        if rest:
            yield "< other fields"
            yield from outline(rest, "< " + _STEP)
    elif reading.framed is not None:
        yield "< frames"
        for frame in reading.framed.frames:
            data = frame.json if isinstance(frame.json, dict | list) else frame.data
            yield f"< {_STEP}- {frame.event or ''}".rstrip()
            yield from outline(mask(data, "response"), "< " + _STEP * 2)
    elif response.body.payload:
        yield "< body"
        yield from _body(response.body.json, plain(response.body), "response", "< " + _STEP)


def _rest(reading: Reading, message: Message) -> Any:
    """Return what the answer says beside its message, as JSON; None where it says nothing."""
    response = reading.interaction.response
    if reading.framed is not None:
        found: Any = [] if reading.protocol is None else remainder.of_stream(reading.framed.frames, frozenset())
    else:
        found = None if response is None else response.body.json
    told = remainder.said(message) | frozenset(
        text for choice in message.choices for text in (choice.finish_reason, choice.role, message.model) if text
    )
    return _unsaid(mask(found, "response"), told, message)


def _unsaid(value: Any, told: frozenset[str], message: Message) -> Any:
    """Return JSON without what the message has: its texts, names, arguments and usage; None where nothing is left."""
    if isinstance(value, dict):
        if value == message.usage or (message.usage and value == mask(message.usage, "response")):
            return None
        found = {key: _unsaid(item, told, message) for key, item in value.items()}
        return {key: item for key, item in found.items() if not is_vacant(item)} or None
    if isinstance(value, list):
        return [item for item in (_unsaid(one, told, message) for one in value) if not is_vacant(item)] or None
    return None if isinstance(value, str) and value in told else value


def _headers(indent: str, headers: Headers, body: Body) -> Iterator[str]:
    """Yield header lines by name; what is volatile in them by its rule, and lengths that follow from the body."""
    lines = []
    encoded = bool(headers.get("content-encoding"))
    for line in headers:
        name = line.name.lower()
        value = header_text(name, line.value)
        if name == "content-length" and not encoded and line.value != str(body.size):
            value = line.value
        lines.append(f"{indent}{name}: {value}")
    return iter(sorted(lines))


def _body(value: Any, plain: str | Blob, place: Any, indent: str) -> Iterator[str]:
    if value is not None:
        try:
            yield from outline(mask(value, place), indent)
        except RecursionError:
            yield f"{indent}JSON that nests too deep"
    elif isinstance(plain, Blob):
        yield f"{indent}{plain.media_type or 'binary'}, {plain.size} bytes, sha256 {plain.sha256}"
    else:
        yield from _words(plain, indent)


def _message(message: Message, indent: str) -> Iterator[str]:
    if message.model:
        yield f"{indent}model {message.model}"
    for choice in message.choices:
        yield from _choice(choice, indent)
    for error in message.errors:
        yield f"{indent}error"
        yield from _words(error, indent + _STEP)
    if not message.complete:
        yield f"{indent}not complete"
    if message.usage:
        yield f"{indent}usage"
        yield from outline(mask(message.usage, "response"), indent + _STEP)


def _choice(choice: Choice, indent: str) -> Iterator[str]:
    yield f"{indent}[{choice.role or 'assistant'}]"
    for name, said in (("reasoning", choice.reasoning), ("text", choice.text), ("refusal", choice.refusal)):
        if said:
            yield f"{indent}{name}"
            yield from _words(said, indent + _STEP)
    for call in choice.tool_calls:
        yield f"{indent}tool call {call.name or '?'}"
        arguments = parsed(call.arguments.strip())
        if arguments is None:
            yield from _words(call.arguments, indent + _STEP)
        else:
            yield from outline(arguments, indent + _STEP)
    for part in choice.parts:
        if part.kind not in ("text", "reasoning", "refusal", "tool_call"):
            yield f"{indent}{part.kind}"
            yield from outline(mask(part.as_json(), "response"), indent + _STEP)
    if choice.finish_reason:
        yield f"{indent}finish {choice.finish_reason}"


def outline(value: Any, indent: str) -> Iterator[str]:
    """Yield JSON as indented lines: what an item is comes first, then its keys in order; texts by sentence."""
    if isinstance(value, dict):
        for key in sorted(value, key=lambda name: (name not in _FIRST, name)):
            yield from _member(f"{indent}{key}:", value[key], indent + _STEP)
    elif isinstance(value, list):
        if is_vector(value):
            yield f"{indent}{len(value)} numbers {json.dumps(value)}"
            return
        for item in value:
            yield from _member(f"{indent}-", item, indent + _STEP)
    else:
        yield indent + _scalar(value)


def _member(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, str):
        inner = parsed(value)
        if inner is not None:
            yield f"{head} (json)"
            yield from outline(inner, indent)
        elif (packed := _BASE64.fullmatch(value)) is not None:
            from hashlib import sha256

            digest = sha256(packed["data"].encode()).hexdigest()
            media = f"{packed['media']}, " if packed["media"] else ""
            yield f"{head} {media}{len(packed['data'])} characters of base64, sha256 {digest}"
        elif len(value) > 80 or "\n" in value:
            yield head
            yield from _words(value, indent)
        else:
            yield f"{head} {value}"
    elif isinstance(value, dict | list) and value and not (isinstance(value, list) and is_vector(value)):
        yield head
        yield from outline(value, indent)
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _words(text: str, indent: str) -> Iterator[str]:
    """Yield a text a line a sentence, so that a changed sentence is a changed line."""
    for piece in sentences(text):
        yield indent + piece.rstrip("\n")

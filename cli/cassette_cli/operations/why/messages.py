"""What recorders say when they find no recording, read back into the request that they could not answer.

VCR.py `vcr/errors.py` (since 8.2 "Can't play back this request", before "No match for the request"); Ruby VCR
`lib/vcr/errors.rb` (`UnhandledHTTPRequestError`), which rOpenSci's vcr says in its own words (`R/errors.R`); go-vcr
`cassette.ErrInteractionNotFound` as Go's `url.Error` shows it; Betamax `src/betamax/adapter.py`; Python's
`responses/__init__.py`; nock `lib/intercepted_request_router.js` and Polly.js `adapter/src/index.js`, whose messages
hold the request as JSON. A test runner may have put its own marks before each line.
"""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from cassette_cli.operations.why.asked import Asked, asked

_STYLE = re.compile(r"\x1b\[[\d;]*m")
_MARK = re.compile(r"^E(?=   |$)", re.MULTILINE)
"""What pytest puts before the lines of an exception."""
_HEAD = re.compile(
    r"Can't play back this request: |(?:Can't overwrite existing cassette [^\n]*\n *)?No match for the request \("
    r"|An HTTP request has been made that (?i:vcr) does"
    r"|[Rr]equested interaction not found|A request was made to \S+ that could not be found in "
    r"|doesn't match any registered mock|Nock: No match for request|Recording for the following request is not found"
)
"""What is said once in a message of each kind."""
_SIMILAR = re.compile(
    r"Matchers succeeded : \[(.*?)\]\s*Matchers failed :(.*?)(?=^\d+ - \(|\Z)", re.DOTALL | re.MULTILINE
)
_WORD = re.compile(r"[\w-]+")


def read(text: str) -> list[Asked]:
    """Return the requests of the messages in a text, each once, in their order; [] where there is none."""
    plain = _MARK.sub(" ", _STYLE.sub("", text.replace("\r\n", "\n")))
    starts = [plain.rfind("\n", 0, head.start()) + 1 for head in _HEAD.finditer(plain)]
    found: dict[object, Asked] = {}
    for start, end in pairwise([*starts, len(plain)]):
        message = _dedented(plain[start:end])
        one = next(filter(None, (reader(message) for reader in _READERS)), None)
        if one is not None:
            found.setdefault((one.request.method, one.request.url, one.request.body.payload, one.match_on), one)
    return list(found.values())


def _dedented(message: str) -> str:
    """Return a message without what a test runner puts before each of its lines."""
    margin = _indent(message)
    return "\n".join("" if line.isspace() else line[min(margin, _indent(line)) :] for line in message.split("\n"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _vcrpy(text: str) -> Asked | None:
    """Read VCR.py's message: a headline, the request, what the cassette is and how it looks."""
    head = re.search(r"Can't play back this request: ([^\n]*)\n(?:[^\n]+\n)?\n +(\S+) (\S+)\n", text)
    if head is None:
        return None
    rest = text[head.end() :]
    ends = re.search(r"\n+ *Cassette: ", rest)
    body = re.match(r" +body: (.*)", rest[: ends.start() if ends is not None else len(rest)], re.DOTALL)
    names = re.search(r"^ *match_on: (.*)$", rest, re.MULTILINE)
    content = body[1] if body is not None else None
    opens = re.search(r"… \(\d+ characters\)\s*\Z", content or "")
    binary = content is not None and re.fullmatch(r"<\d+ bytes of binary data>\s*", content) is not None
    return asked(
        head[2],
        head[3],
        None,
        None if content is None or binary else content[: opens.start() if opens else None],
        source="VCR.py's message",
        match_on=_WORD.findall(names[1]) if names is not None else (),
        refused=True,
        played="already been played back" in head[1] or "all been played back" in head[1],
        body_opens=opens is not None,
        cassette=_found(re.search(r"^ *Cassette: (.+)$", rest, re.MULTILINE)),
    )


def _older_vcrpy(text: str) -> Asked | None:
    """Read the message of VCR.py 2 to 8: the request, and the matchers that found and did not find the most similar."""
    head = re.search(r"No match for the request \(<Request \((\S+)\) (.*?)>\) was found\.", text)
    if head is None:
        return None
    rest = text[head.end() :]
    names: list[str] = []
    similar = _SIMILAR.search(rest)
    if similar is not None:
        names = _WORD.findall(similar[1]) + re.findall(r"^([\w-]+) - assertion failure :", similar[2], re.MULTILINE)
    played = re.search(r"Found \d+ similar requests with 0 different matcher", rest) is not None
    file = _found(re.search(r"existing cassette \('(.*?)'\)", text))
    return asked(
        head[1], head[2], source="VCR.py's message", match_on=names, refused=True, played=played, cassette=file
    )


def _ruby(text: str) -> Asked | None:
    """Read the message of Ruby VCR, or of rOpenSci's vcr for R: the request as far as it is matched by, and how."""
    head = re.search(
        r"An HTTP request has been made that (VCR|vcr) does not know how to handle:\s*\n\s*(\S+) (\S+)", text
    )
    if head is None:
        return None
    ends = re.search(
        r"\n+ *(?:VCR|vcr) (?:is|are) currently using|\n+ *There is currently no cassette", text[head.end() :]
    )
    told = text[head.end() : head.end() + ends.start() if ends is not None else len(text)]
    lines, _, content = told.partition("\n  Body: ")
    has_headers = "\n  Headers:" in lines
    headers = re.findall(r"^ +([\w-]+): (\".*\")$", lines.partition("\n  Headers:")[2], re.MULTILINE)
    names = re.search(r"match_requests_on(?: =>|:) \[?([^\n\]]*)", text)
    return asked(
        head[2],
        head[3],
        [(name, _unquoted(value)) for name, value in headers] if has_headers else None,
        content.rstrip("\n") if "\n  Body: " in told else None,
        source="Ruby VCR's message" if head[1] == "VCR" else "the message of vcr for R",
        match_on=_WORD.findall(names[1]) if names is not None else (),
        refused=True,
        played="has already been played back" in " ".join(text.split()),
        cassette=_found(re.search(r"following cassettes?:\n *- (\S.*)$", text, re.MULTILINE)),
    )


def _found(match: re.Match[str] | None) -> str | None:
    return None if match is None else match[1]


def _unquoted(value: str) -> str:
    """Return what Ruby's `inspect` shows; a text that is no JSON besides as it stands."""
    try:
        return str(json.loads(value.replace("\\#", "#").replace("\\e", "\\u001b")))
    except ValueError:
        return value[1:-1]


def _go(text: str) -> Asked | None:
    """Read Go's `url.Error` around go-vcr's error: `Post "https://…": requested interaction not found`."""
    found = re.search(r'\b([A-Z][a-z]+) ("?)(\S+?)\2: [Rr]equested interaction not found', text)
    return None if found is None else asked(found[1], found[3], source="go-vcr's message", refused=True)


def _betamax(text: str) -> Asked | None:
    """Read the message of Betamax, which does not tell the method."""
    found = re.search(r"A request was made to (\S+) that could not be found in ", text)
    names = re.search(r"- match_options \{?([^}\n]*)\}?\.?", text)
    matchers = _WORD.findall(names[1]) if names is not None else ()
    return (
        None
        if found is None
        else asked(None, found[1], source="Betamax's message", match_on=sorted(matchers), refused=True)
    )


def _responses(text: str) -> Asked | None:
    """Read the message of Python's `responses`."""
    found = re.search(r"the call doesn't match any registered mock\.\s+Request:\s+- (\S+) (\S+)", text)
    return None if found is None else asked(found[1], found[2], source="the message of responses", refused=True)


def _javascript(text: str) -> Asked | None:
    """Read the message of nock or Polly.js: JSON with the whole request, and how Polly matches it."""
    head = re.search(r"Nock: No match for request|Recording for the following request is not found", text)
    opens = text.find("{", head.end()) if head is not None else -1
    if head is None or opens < 0:
        return None
    try:
        told = json.JSONDecoder().raw_decode(text, opens)[0]
        url, headers = told["url"], told.get("headers") or {}
        by = told.get("config", {}).get("matchRequestsBy", {})
        lines = [(str(name), str(value)) for name, values in headers.items() for value in _listed(values)]
        body = told.get("body") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    names = [name for key, name in _OF_POLLY.items() if by.get(key)] if isinstance(by, dict) else []
    return asked(
        str(told.get("method", "GET")),
        str(url),
        lines,
        body if isinstance(body, str) else json.dumps(body),
        source="nock's message" if head[0].startswith("Nock") else "Polly's message",
        match_on=names,
        refused=True,
        played=told.get("order", 0) not in (0, None),
    )


_OF_POLLY = {"method": "method", "url": "uri", "headers": "headers", "body": "body"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_READERS: Final[tuple[Callable[[str], Asked | None], ...]] = (
    _vcrpy, _older_vcrpy, _ruby, _go, _betamax, _responses, _javascript,
)  # fmt: skip

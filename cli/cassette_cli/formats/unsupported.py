r"""Recorders whose files are known by their looks and not read, and servers of stubs, whose files record nothing.

Each is told by the outline of a file's head (`heads.outline`). Written by: requre (`requre/storage.py`), talkback
(`src/tape.ts`), Saloon (`src/Data/RecordedResponse.php`), mitmproxy (`mitmproxy/io/tnetstring.py`), OkReplay and
Betamax for the JVM (`YamlTape`), EasyVCR for Java (`requestelements/HttpInteraction.java`), node-replay
(`src/catalog.js`), api-tape (its README); WireMock (its JSON schema), stubby4node (its README), Mountebank
(`docs/api/contracts`), Hoverfly (simulation schema v5), aimock (`src/types.ts`), MockServer (expectations), Mockoon
(environments), Pact (specification 4).
"""

import re
from functools import cache
from typing import Literal, NamedTuple

from cassette_cli.errors import CassetteError, UnsupportedError
from cassette_cli.formats.heads import outline
from cassette_cli.source.later import pattern


class Unsupported(NamedTuple):
    """A kind of file that is named and not read.

    A `recording` holds what was sent and received; a `matcher` says what a stub server answers to what. `begins` is a
    regex for the first characters; of each group of `keys` one is near the root, with a value that opens as
    the regex behind a colon says, if there is one.
    """

    name: str
    kind: Literal["recording", "matcher"]
    begins: str
    keys: tuple[str, ...] = ()

    def fits(self, outlined: bytes) -> bool:
        """Say whether a file with this outline is one."""
        return all(_has(outlined, one) for one in self.keys) and re.match(self.begins.encode(), outlined) is not None

    def error(self, path: str | None, cause: CassetteError) -> UnsupportedError:
        """Make the error that says so of a file; `cause` is why it could not be loaded."""
        recording = self.kind == "recording"
        message = f"{self.name} stubs, which match requests and record none"
        if self is UNKNOWN:
            message = cause.message
        elif recording:
            message = f"a recording of {self.name}, which cassette does not read"
        made = UnsupportedError(message, path=path, hint=cause.hint if recording else None)
        made.name, made.recording = self.name, recording
        return made


def _has(outlined: bytes, wanted: str) -> bool:
    words, key = _key(wanted)
    return any(word in outlined for word in words) and key.search(outlined) is not None


@cache
def _key(wanted: str) -> tuple[list[bytes], re.Pattern[bytes]]:
    """Return the names of some keys, and a regex for one of them, quoted or not, and what opens its value."""
    names, _, value = wanted.partition(":")
    regex = rf"""(?:^|[{{\[,\s])["']?(?:{"|".join(names.split())})["']?\s*:\s*{value}"""
    return [name.encode() for name in names.split()], pattern(regex.encode(), re.MULTILINE)


_OBJECT = r"\{"
_EITHER = r"[\[{]"

UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported("requre", "recording", "", ("_requre requre", "version_storage_file DataTypes")),
    Unsupported("talkback", "recording", _OBJECT, (
        r"meta:\{", r"req:\{", "createdAt reqHumanReadable resHumanReadable reqUncompressed resUncompressed",
    )),
    Unsupported("Saloon", "recording", _OBJECT, (r"statusCode:\d{3}\b", r"headers:[{\[]", "data")),
    Unsupported("mitmproxy", "recording", r"\d{1,9}:\d{1,4}:[a-z_]{2,32}[;,]"),
    Unsupported("OkReplay or Betamax for the JVM", "recording", r"!tape\b"),
    Unsupported("EasyVCR for Java", "recording", r"\[", (r"request:\{", "recordedAt", r"httpVersion:\{")),
    Unsupported("node-replay", "recording", r"(?:GET|POST|PUT|PATCH|DELETE|HEAD) /\S*\s(?s:.*\s)?HTTP/1\.[01] \d{3}"),
    Unsupported("api-tape", "recording", _OBJECT, (r"meta:\{", "url", "timestamp", r"statusCode:\d{3}\b")),
    Unsupported("WireMock", "matcher", _OBJECT, (
        r"request:\{", r"response:\{",
        "urlPath urlPathPattern urlPattern urlPathTemplate bodyPatterns scenarioName jsonBody bodyFileName base64Body",
    )),
    Unsupported("WireMock", "matcher", _OBJECT, (r"request:\{", r'url:"/', r"response:\{", r"status:\d")),
    Unsupported("WireMock", "matcher", _OBJECT, (r"mappings:\[", r"request:\{", r"response:\{")),
    Unsupported("stubby4node", "matcher", r"-\s|\[", ("request", "response", r"""url:["']?[\^/]""")),
    Unsupported("Mountebank", "matcher", "", (r"imposters:(?:\[|-|$)", "protocol port")),
    Unsupported("Mountebank", "matcher", "", (r"stubs:(?:\[|-|$)", "protocol", "port")),
    Unsupported("Hoverfly", "matcher", _OBJECT, (r"data:\{", r"pairs:\[")),
    Unsupported("aimock", "matcher", _EITHER, (r"fixtures:\[", r"match:\{")),
    Unsupported("MockServer", "matcher", _EITHER, (
        r"httpRequest:\{",
        "httpResponse httpForward httpError httpResponseTemplate httpForwardTemplate httpOverrideForwardedRequest",
    )),
    Unsupported("Mockoon", "matcher", _OBJECT, ("endpointPrefix", r"routes:\[")),
    Unsupported("Pact", "matcher", _OBJECT, (r"consumer:\{", r"provider:\{", "interactions messages")),
)  # fmt: skip
"""In the order in which they are tried."""

UNKNOWN = Unsupported("an unknown recorder or version", "recording", "", (
    "interactions http_interactions", "version recorded_with",
))  # fmt: skip
"""What opens as recordings do, parses, and is claimed by no format."""


def unsupported(head: bytes, *, sound: bool = False) -> Unsupported | None:
    """Return the kind of file that opens as these bytes do, None where it is none; `sound` says that it parses."""
    outlined = outline(head)
    kinds = (*UNSUPPORTED, UNKNOWN) if sound else UNSUPPORTED
    return next((one for one in kinds if one.fits(outlined)), None)


def table() -> str:
    """Return the table of what is named and not read, in Markdown."""
    rows = ["| written by | what is done |", "|---|---|"]
    told = {"recording": "a recording: named, and counted as not looked into", "matcher": "stubs: counted, left alone"}
    rows += dict.fromkeys(f"| {one.name} | {told[one.kind]} |" for one in UNSUPPORTED)
    return "\n".join(rows) + "\n"

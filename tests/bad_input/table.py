"""Bad files as a table: what is in the file, the command, its exit code, and what it says.

The message is looked for in standard error where the code is 2, in standard output elsewhere. `@` in a
command stands for the file; a message with a `:3:` names the line.
"""

import gzip
import zlib
from typing import NamedTuple

from bad_input import recorded
from bad_input.recorded import GOOD, bedrock, binary, delta, event, har, stream, vcrpy
from commands.conftest import govcr, interaction


class Case(NamedTuple):
    """One line of the table."""

    name: str
    content: str | bytes
    command: str
    code: int
    message: str
    suffix: str = ".yaml"

    @property
    def raw(self) -> bytes:
        """What stands in the file."""
        return self.content if isinstance(self.content, bytes) else self.content.encode("utf-8", "surrogatepass")


SHARED = """interactions:
- request: {body: null, headers: &h {a: [b]}, method: GET, uri: 'http://a.example/'}
  response: &r {body: {string: '{"a": 1}'}, headers: *h, status: {code: 200, message: OK}}
- request: {body: null, headers: *h, method: GET, uri: 'http://b.example/'}
  response: *r
version: 1
"""
BOMB = "x: \n " + recorded.ALIASES.replace("\n", "\n ").rstrip() + "\n"
DEEP = '{"choices":' + "[" * 5000 + "]" * 5000 + "}"
ONE = event(b'{"delta":{"text":"a"},"contentBlockIndex":0}')
YAML, JSON, GZ = ".yaml", ".json", ".yaml.gz"

TEXT = [
    Case("an empty file", b"", "ls @", 2, ": the file is empty"),
    Case("blanks alone", b" \n\t\n", "show @", 2, ": the file is empty"),
    Case("comments alone", b"# nothing\n", "ls @", 2, ": the file is empty"),
    Case("an empty document", b"---\n...\n", "ls @", 2, ": the file is empty"),
    Case("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "ls @", 2, ": a binary file, not text"),
    Case("a NUL", GOOD.replace("GET", "G\0T"), "ls @", 2, ": a binary file, not text"),
    Case("an escaped NUL", GOOD.replace("GET", '"G\\0T"'), "ls @", 0, "\tG\\x00T\t"),
    Case("Latin-1", b"version: 2\ninteractions: caf\xe9\n", "ls @", 2, ":2: not UTF-8: byte 0xe9"),
    Case("a lone surrogate in UTF-8", GOOD.replace("GET", "\ud800"), "ls @", 2, ":11: not UTF-8: byte 0xed"),
    Case("an overlong form", b"version: 2\ninteractions: \xc0\xaf\n", "ls @", 2, ":2: not UTF-8: byte 0xc0"),
    Case("UTF-16", GOOD.encode("utf-16"), "ls @", 2, ": the file is UTF-16 or UTF-32, not UTF-8"),
    Case("UTF-16 without a mark", GOOD.encode("utf-16-le"), "ls @", 2, ": the file is UTF-16 or UTF-32, not UTF-8"),
    Case("UTF-32", GOOD.encode("utf-32"), "ls @", 2, ": the file is UTF-16 or UTF-32, not UTF-8"),
    Case("a byte order mark", b"\xef\xbb\xbf" + GOOD.encode(), "ls @", 0, "\tgo-vcr v2\t0\tGET\t"),
    Case("a byte order mark and JSON", b"\xef\xbb\xbf" + har().encode(), "ls @", 0, "\thar\t0\tGET\t", ".har"),
    Case("a byte order mark inside", GOOD.replace("GET", "\ufeffGET"), "ls @", 0, "\t\\ufeffGET\t"),
    Case("CRLF", stream(delta("a"), delta("b"), "[DONE]").replace("\n", "\r\n"), "show -r @", 0, "── assistant\nab\n"),
    Case("CR", GOOD.replace("\n", "\r"), "ls @", 0, "\tgo-vcr v2\t0\tGET\t"),
    Case("a control character", b"version: 2\ninteractions: \x07\n", "ls @", 2, ":2: a control character that YAML forbids: U+0007"),
    Case("a tab that indents", GOOD.replace("        method", "\tmethod"), "ls @", 2, ":11: not valid YAML: found a tab character"),
    Case("tabs around a value", GOOD.replace("GET", "\tGET\t"), "ls @", 0, "\tGET\tapi"),
    Case("a line of a megabyte", GOOD.replace("things", "t" * 1_000_000), "ls @", 0, "ttt\t200"),
]  # fmt: skip

GRAMMAR = [
    Case("YAML that does not parse", b"version: 2\ninteractions:\n  - [1, 2\n  - 3: {\n", "ls @", 2, ":4: not valid YAML: "),
    Case("a truncated scalar", GOOD[:-40] + '"', "ls @", 2, ": not valid YAML: "),
    Case("a lone surrogate's escape", GOOD.replace("GET", '"\\ud800"'), "ls @", 2, ":11: not valid YAML: found invalid Unicode"),
    Case("a key of 2,000 characters", GOOD.replace("Accept:", "A" * 2000 + ":"), "ls @", 2, ": not valid YAML: mapping values are not allowed"),
    Case("YAML of the future", "%YAML 9.9\n---\n" + GOOD[4:], "ls @", 2, ":1: not valid YAML: found incompatible YAML document"),
    Case("YAML, but no cassette", b"services:\n  web: {image: nginx}\n", "ls @", 2, ": YAML, but not a cassette of a known recorder"),
    Case("a scalar", b"hello\n", "ls @", 2, ": YAML, but not a cassette of a known recorder"),
    Case("several documents", GOOD + GOOD, "ls @", 2, ": YAML of 2 documents, but not a cassette"),
    Case("an end without a next document", GOOD + "...\n", "ls @", 0, "\tgo-vcr v2\t0\t"),
    Case("JSON that does not parse", b'{"interactions": [\n{"request": }', "ls @", 2, ":2: not valid JSON: expected a value", JSON),
    Case("JSON with something behind", har() + "\nx", "ls @", 2, ":2: not valid JSON: expected a value", ".har"),
    Case("JSON, but no cassette", b'{"name": "x"}', "ls @", 2, ": JSON, but not a cassette of a known recorder", JSON),
    Case("JSON Lines of HARs", har() + "\n" + har(), "ls @", 2, ": JSON of 2 documents, but not a cassette", ".jsonl"),
    Case("JSON with a comma too many", har()[:-1] + ",}", "ls @", 0, "\thar\t0\t", ".har"),
    Case("a lone surrogate in JSON", har(response_content={"text": "\ud800x"}), "show @", 0, "\n\\ud800x\n", ".har"),
    Case("10,000 levels of YAML", b"interactions: " + b"[" * 10_000 + b"]" * 10_000, "ls @", 2, ":1: nested more than 200 levels deep"),
    Case("10,000 levels of block YAML", b"- " * 10_000 + b"x\n", "ls @", 2, ":1: nested more than 200 levels deep"),
    Case("10,000 levels of JSON", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "ls @", 2, ":1: nested more than 200 levels deep", JSON),
    Case("duplicate keys", GOOD.replace("        method: GET\n", "        method: GET\n        method: PUT\n"), "ls @", 0, "\tPUT\t"),
    Case("duplicate keys of JSON", '{"interactions": [], "interactions": [{"request": {"method": "PUT", "uri": "x"}}]}', "ls @", 0, "\tPUT\t", JSON),
    Case("an alias of nothing", vcrpy(body="*nope"), "ls @", 2, ":8: not valid YAML: found undefined alias"),
    Case("anchors that interactions share", SHARED, "ls @", 0, "\tb.example/\t200\t"),
    Case("a body that contains itself", vcrpy(body="&b [*b]"), "show @", 0, "note: the body is shown as it is stored: it contains itself through an alias"),
    Case("an interaction that contains itself", "interactions: &i\n- request: {uri: x, method: GET}\n  response: *i\n", "ls @", 0, "\tvcrpy\t0\tGET\tx\t-"),
    Case("a bomb of aliases", recorded.ALIASES, "ls @", 2, ": YAML, but not a cassette of a known recorder"),
    Case("a bomb of aliases in a body", BOMB + vcrpy(body="*a39"), "show @", 0, "note: the body is shown as it is stored: its aliases expand to too much"),
    Case("a bomb of aliases in headers", BOMB + vcrpy(headers="{a: *a39}"), "show --headers @", 0, "── response"),
    Case("a Python object", GOOD + "extra: !!python/object/apply:os.system ['touch witness']\n", "show @", 0, "── response"),
    Case("a Ruby object", GOOD + "extra: !ruby/object:Gem::Installer {i: x}\n", "show @", 0, "── response"),
]  # fmt: skip

SHAPE = [
    Case("interactions that are a number", b"version: 2\ninteractions: 7\n", "ls @", 2, ":2: `interactions` is no list"),
    Case("interactions that are a mapping", b"version: 2\ninteractions: {a: b}\n", "ls @", 2, ":2: `interactions` is no list"),
    Case("interactions that are scalars", b"version: 2\ninteractions: [1, null]\n", "ls @", 2, ":2: interaction 0 has no request"),
    Case("no interactions", b"version: 2\ninteractions: []\n", "show @", 0, "0 interactions"),
    Case("an interaction without a request", GOOD + "  - response: {code: 200}\n", "ls @", 2, ":20: interaction 1 has no request"),
    Case("an interaction without a response", GOOD + "  - request: {url: 'http://x.example/', method: GET}\n", "show @", 0, "── no response: no response was recorded"),
    Case("a response that is a list", vcrpy().replace("  response:\n", "  response: []\n  other:\n"), "ls @", 0, "\ta.example/\t-\t"),
    Case("a version of the future", GOOD.replace("version: 2", "version: 99"), "ls @", 0, "\tGET\tapi.example.com/v1/things\t200\t"),
    Case("entries that are a number", '{"log": {"entries": 7}}', "ls @", 2, ":1: `log.entries` is no list", ".har"),
    Case("entries that are null", '{"log": {"entries": [null]}}', "ls @", 2, ":1: interaction 0 has no request", ".har"),
    *[
        Case(f"the status {status}", vcrpy(status=status), "ls @", 0, f"\ta.example/\t{shown}\t")
        for status, shown in [
            ("'200'", "200"), ("200 OK", "200"), ("{code: '404'}", "404"), ("HTTP/1.1 204 No Content", "204"), ("{code: abc}", "-"),
            ("{code: null}", "-"), ("[200]", "-"), ("{code: [200]}", "-"), ("{code: -1}", "-1"), ("{code: .nan}", "-"), ("''", "-"),
            ("{code: 0x1F}", "-"), ("{code: " + "9" * 5000 + "}", "-"),
        ]
    ],
    *[
        Case(f"headers as {headers}", vcrpy(headers=headers), "show --headers @", 0, f"\n── response  2 B\n{shown}\n{{}}\n")
        for headers, shown in [
            ("{a: 1, b: 1.5, c: true}", "a: 1\nb: 1.5\nc: true\n"), ("{a: [1, null, [x], {b: c}]}", "a: 1\na: \na: x\n"), ("{a: null}", "a: \n"),
            ("null", ""), ("[a, b]", "a: \nb: \n"), ("[[a, b], [c]]", "a: b\nc: \n"), ("[{name: a, value: 7}]", "a: 7\n"), ("7", ""),
            ("{[1]: [2]}", "1: 2\n"), ("{null: null}", ": \n"), ("{a: {b: c}}", ""), ("{? [a, b] : c}", "a: c\n"),
        ]
    ],
    *[
        Case(f"the URL {uri}", vcrpy(uri=uri), "ls @", 0, f"\tGET\t{shown}\t200\t")
        for uri, shown in [
            ("''", "-"), ("null", "-"), ("7", "7"), ("[a]", "-"), ("'http://['", "["), ("'http://[::1'", "[::1"), ("'://'", "://"),
            ("'http://a:99999999999/'", "a:99999999999/"), ("http://é.example/ä?q=%zz", "é.example/ä"), ("mailto:x", "mailto:x"),
        ]
    ],
    *[
        Case(f"the method {method}", vcrpy(method=method), "ls @", 0, f"\t0\t{shown}\ta.example/")
        for method, shown in [("''", "GET"), ("null", "GET"), ("7", "7"), ("[PUT]", "GET"), ("':put'", "PUT"), ("'a\tb'", "A\\tB")]
    ],
    Case("a length of 5,000 digits", vcrpy(headers="{Content-Length: ['" + "9" * 5000 + "']}"), "check @", 1, "CAS006"),
    Case("a stated length of 5,000 digits", GOOD.replace("    response:\n", "    response:\n        content_length: " + "9" * 5000 + "\n"), "ls @", 0, "\t200\t"),
    Case("a duration past all numbers", GOOD.replace("12.5ms", "9" * 400 + "h"), "ls --json @", 0, '"duration_ms": null'),
    Case("a duration that is a list", GOOD.replace("12.5ms", "[1]"), "ls --json @", 0, '"duration_ms": null'),
    Case("a time that is no number", har(time=float("nan")), "ls --json @", 0, '"duration_ms": null', ".har"),
    Case("a time that is infinite", har(time="1e400"), "show --json @", 0, '"duration_ms": null', ".har"),
    Case("sizes that are text", har(response_content={"text": "x", "size": "big", "mimeType": 7}), "show @", 0, "\nx\n", ".har"),
]  # fmt: skip

BODIES = [
    *[
        Case(f"the body {body}", vcrpy(body=body), "show @", 0, shown)
        for body, shown in [
            ("null", "── response  no body\n"), ("7", "\n7\n"), ("[]", "── response  chunks · 0 B\n"), ("{}", "── response  no body\n"),
            ("[1, 2]", "── response  parsed · 6 B"), ("{string: [a]}", "── response  chunks · 1 B"), ("{string: {a: b}}", "── response  parsed · 10 B"),
            ("{base64_string: '!!'}", "note: the body is shown as it is stored: it is not base64"), ("!!binary [a]", "\na\n"), ("!!float x", "\nx\n"),
            ("{string: !!binary aGk}", "\nhi\n"), ("{encoding: nope, string: x}", "\nx\n"), ("{encoding: [x], string: x}", "\nx\n"),
        ]
    ],
    Case("base64 in base64, 30 times", vcrpy(body=f"{{base64_string: {recorded.nested_base64(30)}}}"), "show @", 0, "── response  base64 › UTF-8 · 80.2 kB"),
    Case("base64 in base64 in text", vcrpy(body=f"{{string: {recorded.nested_base64(30)}}}"), "show @", 0, "── response  106.9 kB"),
    Case("gzip that is none", binary(b'{"a": 1}', coding="gzip"), "show @", 0, "note: the header says gzip, the body is stored plain"),
    Case("gzip that is cut", binary(gzip.compress(b"hello" * 999, mtime=0)[:-9], coding="gzip"), "show @", 0, "note: "),
    Case("gzip with a wrong checksum", binary(gzip.compress(b"hello", mtime=0)[:-8] + b"12345678", coding="gzip"), "show @", 0, "note: the gzip body is shown as it is stored: damaged"),
    Case("a bomb of gzip", binary(recorded.gzip_bomb(20), coding="gzip"), "show @", 0, "note: the gzip body is shown as it is stored: decompression stopped"),
    Case("a bomb of deflate", binary(zlib.compress(bytes(20 << 20), 9), coding="deflate"), "ls @", 0, "\t200\t"),
    Case("2,000 codings", binary(b'{"a": 1}', coding=", ".join(["gzip"] * 2000)), "show @", 0, "note: the header says gzip, the body is stored plain"),
    Case("a coding of nobody", binary(b'{"a": 1}', coding="rot13"), "show @", 0, "note: the header says 'rot13', which is no content coding known here"),
    Case("Brotli that is none", binary(b'{"a": 1}', coding="br"), "show @", 0, "note: the header says br, the body is stored plain"),
    Case("a file that is a bomb of gzip", recorded.gzip_bomb(20), "ls @", 2, ": decompression stopped: ", GZ),
    Case("a gzip file that is cut", gzip.compress(GOOD.encode(), mtime=0)[:-9], "ls @", 2, ": the gzip file is cut short", GZ),
    Case("a gzip file with more behind", gzip.compress(GOOD.encode(), mtime=0) + b"garbage", "ls @", 2, ": the gzip file has 7 stray bytes at its end", GZ),
    Case("a gzip file in a gzip file", gzip.compress(gzip.compress(GOOD.encode())), "ls @", 2, ": a binary file, not text", GZ),
    Case("an empty gzip file", b"", "ls @", 2, ": the file is empty", GZ),
    Case("a Zstandard file that is damaged", b"\x28\xb5\x2f\xfdxxxxx", "ls @", 2, ": damaged: ", ".yaml.zst"),
    Case("a Brotli file that is damaged", b"xxxx", "ls @", 2, ": damaged: ", ".yaml.br"),
]  # fmt: skip

STREAMS = [
    Case("a stream that ends in mid-frame", stream(delta("a"), tail='data: {"choices": [{"del'), "show -r @", 0, "the answer is not complete"),
    Case("a stream without an end", stream(delta("a")), "show -r @", 0, "note: the stream was cut"),
    Case("JSON that does not parse in a frame", stream(delta("a"), "{oops", "[DONE]"), "show -r @", 0, "note: frame 1: its data is not JSON"),
    Case("frames that are no objects", stream("null", "[]", "7", '"x"', "{}"), "show -r @", 0, "note: no known protocol claimed this stream"),
    Case("numbers of 5,000 digits", stream(delta("a").replace('"index": 0', '"index": ' + "9" * 5000)), "show -r @", 0, "── assistant"),
    Case("infinite numbers", stream(delta("a", usage={"prompt_tokens": 1e999, "completion_tokens": float("nan")})), "show -r --json @", 0, '"prompt_tokens": null'),
    Case("5,000 levels in a frame", stream(DEEP), "show -r @", 0, "── assistant"),
    Case("900 levels in a frame", stream(delta("a"), '{"choices":' + "[" * 900 + "]" * 900 + "}"), "show @", 0, "── response"),
    Case("900 levels in a body", govcr(interaction("'" + "[" * 900 + "]" * 900 + "'", request_body="'" + '{"a":' * 900 + "1" + "}" * 900 + "'")), "show @", 0, "── response"),
    Case("an event stream with a wrong checksum", bedrock(ONE, event(b"{}", crc=1)), "show -r @", 0, "note: frame 1: wrong message checksum"),
    Case("an event stream with a wrong prelude", bedrock(event(b"{}", prelude_crc=1)), "show -r @", 0, "note: frame 0: wrong prelude checksum"),
    Case("an event stream with a length past its end", bedrock(ONE, event(b"{}", total=1 << 30)), "show -r @", 0, "the answer is not complete"),
    Case("an event stream cut in its prelude", bedrock(ONE, ONE[:7]), "show -r @", 0, "the answer is not complete"),
]  # fmt: skip

INDICES = [
    Case(f"the index {index[:20]!r}", GOOD, f"ls -i {index} @", 2, f"cassette: {'' if 'number' in message else '@: '}{message}")
    for index, message in [
        ("1", "there is no interaction 1"), ("-2", "there is no interaction -2"), ("9" * 40, "there is no interaction 999999999999…"),
        ("-" + "9" * 40, "there is no interaction -99999999999…"), ("0-5", "there is no interaction 5"), ("x", "invalid interaction 'x': expected a number"),
        ("1.5", "invalid interaction '1.5': expected a number"), ("0,,0", "invalid interaction '': expected a number"), ("٣", "there is no interaction"),
    ]
] + [
    Case("an index behind the file", GOOD, "show @#7", 2, ": there is no interaction 7"),
    Case("a negative index behind the file", GOOD, "ls @#-1", 0, "\tgo-vcr v2\t0\tGET\t"),
    Case("an index of a cassette without any", "version: 2\ninteractions: []\n", "ls -i 0 @", 2, ": there is no interaction 0"),
    Case("a range of a billion", GOOD, "ls -i 0-999999999 @", 2, ": there is no interaction 999999999"),
]  # fmt: skip

TABLE = [*TEXT, *GRAMMAR, *SHAPE, *BODIES, *STREAMS, *INDICES]

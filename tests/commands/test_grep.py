"""`cassette grep`: what is found, where, how it is shown, and what may not be seen."""

import base64
import gzip
import json
import re

import pytest

from cassette_cli.errors import Exit
from commands.conftest import govcr, interaction, literal

JSON_BODY = '\'{"items": [{"name": "Ada \\u00c9cole", "size": 3}], "note": "low\\nhigh water"}\''


def sse(*deltas: str) -> str:
    """Return a body scalar: a stream of chat completions with these deltas as JSON."""
    lines = []
    for delta in deltas:
        chunk = {"id": "c1", "model": "example-1", "choices": [{"index": 0, "delta": json.loads(delta)}]}
        lines += [f"data: {json.dumps(chunk)}", ""]
    return literal([*lines, "data: [DONE]", ""])


@pytest.fixture
def chat(write):
    """A streamed chat: a phrase, reasoning and a tool call, each cut over frames."""
    body = sse(
        '{"role": "assistant", "reasoning_content": "Look at the ta"}', '{"reasoning_content": "bles first."}',
        '{"content": "High wa"}', '{"content": "ter is at\\nsix in the even"}', '{"content": "ing."}',
        '{"tool_calls": [{"index": 0, "id": "t1", "type": "function",'
        ' "function": {"name": "tides", "arguments": "{\\"port\\": \\"Sample"}}]}',
        '{"tool_calls": [{"index": 0, "function": {"arguments": " Bay\\"}"}}]}',
    )  # fmt: skip
    ask = json.dumps(
        {"model": "example-1", "stream": True, "messages": [{"role": "user", "content": "When is it high?"}]}
    )
    one = interaction(
        body, url="https://api.example.com/v1/chat/completions?q=a%20word", method="POST",
        request_body=f"'{ask}'", content_type="text/event-stream",
    )  # fmt: skip
    return write("chat.yaml", govcr(one))


def hits(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("pattern", "where", "text"),
    [
        ("High water", "response.text", "High water is at"),
        (r"at\s+six", "response.text", "High water is at\nsix in the evening."),
        ("^six", "response.text", "six in the evening."),
        ("the tables", "response.reasoning", "Look at the tables first."),
        ("Sample Bay", "response.tool-calls tides", '{"port": "Sample Bay"}'),
        ("When is it", "request.text user", "When is it high?"),
        ("a word", "url", "https://api.example.com/v1/chat/completions?q=a word"),
        ("a%20word", "url", "https://api.example.com/v1/chat/completions?q=a%20word"),
        (r"Accept: \*/\*", "request.headers", "Accept: */*"),
        ("event-stream", "response.headers", "Content-Type: text/event-stream"),
        ('"stream": true', "request.body", None),
        (r"\[DONE\]", "response.body frame 7", "[DONE]"),
    ],
)
def test_what_a_person_reads_is_found_where_it_is_read(cassette, chat, pattern, where, text):
    result = cassette("grep", "--json", pattern, chat)
    assert result.code == Exit.OK
    found = hits(result)
    assert [hit["where"] for hit in found] == [where]
    assert text is None or found[0]["text"] == text
    start, end = found[0]["matches"][0]
    assert re.fullmatch(pattern, found[0]["text"][start:end])


def test_what_frames_hold_and_what_was_said_is_told_once(cassette, chat):
    found = hits(cassette("grep", "--json", "example-1", chat))
    assert [hit["where"] for hit in found] == ["request.body $.model", "response.body frame 0 $.model"]
    assert [hit["where"] for hit in hits(cassette("grep", "--json", "ter is", chat))] == ["response.text"]


def test_json_is_read_string_by_string_without_its_escapes(cassette, write):
    path = write("a.yaml", govcr(interaction(JSON_BODY)))
    out = cassette("grep", "École", path).out
    assert out == f"{path}#0  response.body $.items[0].name  Ada École\n"
    assert cassette("grep", "high", path).out == f"{path}#0  response.body $.note:2  high water\n"
    assert cassette("grep", "size", path).out == f"{path}#0  response.body $.items[0].size  size\n"
    assert cassette("grep", "^3$", path).out == f"{path}#0  response.body $.items[0].size  3\n"
    assert cassette("grep", '"size": 3', path).out.startswith(f"{path}#0  response.body  ")


@pytest.mark.parametrize(
    ("options", "pattern", "code"),
    [
        (["-F"], "six.", 1), ([], "six.", 0), (["-F"], "evening.", 0), ([], "HIGH", 1), (["-i"], "HIGH", 0),
        (["-w"], "eve", 1), (["-w"], "evening", 0), (["-F", "-w", "-i"], "EVENING.", 0),
        (["--in", "request.text"], "high", 0), (["--in", "request.reasoning"], "tables", 1),
        (["--in", "response.reasoning"], "tables", 0), (["--in", "request.text,response.reasoning"], "tables", 0),
        (["--in", "response.headers,request.text"], "tables", 1), (["--in", "response.reasoning,url"], "tables", 0),
        (["--in", "request.url"], "example.com", 0), (["--in", "response.url"], "example.com", 1),
        (["--in", "text"], "tables", 1), (["--in", "reasoning"], "tables", 0), (["--in", "request"], "tables", 1),
        (["--in", "response"], "tables", 0), (["--in", "request,text"], "high", 0), (["--in", "url"], "example.com", 0),
        (["--in", "headers"], "example.com", 1), (["--in", "response,url"], "example.com", 1),
        (["--in", "tool-calls"], "Sample Bay", 0), (["--in", "body"], "Sample Bay", 1), (["--in", "body"], "t1", 0),
        (["--interaction", "0"], "High", 0), (["--status", "404"], "High", 1), (["--host", "api.*"], "High", 0),
    ],
)  # fmt: skip
def test_options_of_matching(cassette, chat, options, pattern, code):
    assert cassette("grep", *options, pattern, chat).code == code


def test_json_inside_of_json_and_forms_are_read(cassette, write):
    inner = json.dumps({"place": "Café “Quay”"})
    nested = interaction(f"'{json.dumps({'log': inner})}'")
    form = interaction("'ok'", method="POST", request_body="'q=high+water&at=Caf%C3%A9'").replace(
        "Accept:\n              - '*/*'", "Content-Type:\n              - application/x-www-form-urlencoded"
    )
    path = write("a.yaml", govcr(nested, form))
    found = hits(cassette("grep", "--json", "Café", path))
    assert [(hit["interaction"], hit["where"]) for hit in found] == [(0, "response.body $.log"), (1, "request.body")]
    assert found[1]["text"] == "q=high water&at=Café"
    assert hits(cassette("grep", "--json", "high.water", path))[0]["text"] == "q=high+water&at=Caf%C3%A9"


@pytest.mark.parametrize(
    ("options", "found"),
    [(["-w", "(?i)HIGH"], True), (["-e", "(?i)HIGH", "-e", "nothing"], True), (["-e", "HIGH", "-e", "(?i)nothing"], False),
     (["(?x) high # comment"], False), (["(?xi) high # comment"], True), (["(?P<a>High)"], True)],
)  # fmt: skip
def test_flags_of_a_pattern_are_its_own(cassette, chat, options, found):
    assert cassette("grep", *options, "--in", "response,text", chat).code == int(not found)


def test_arguments_that_are_json_are_told_once(cassette, write):
    block = {"type": "tool_use", "id": "t1", "name": "tides", "input": {"port": "Sample Bay", "days": [1, 2]}}
    answer = {"type": "message", "role": "assistant", "model": "example-1", "content": [block]}
    one = interaction(f"'{json.dumps(answer)}'", url="https://api.example.com/v1/messages", method="POST")
    path = write("a.yaml", govcr(one))
    assert [hit["where"] for hit in hits(cassette("grep", "--json", "Sample Bay", path))] == [
        "response.tool-calls tides"
    ]


def test_a_sentence_goes_on_behind_what_it_cites(cassette, write):
    cited = {"type": "text", "text": "High water is ", "citations": [{"type": "char_location", "cited_text": "04:12"}]}
    answer = {
        "type": "message",
        "role": "assistant",
        "model": "example-1",
        "content": [cited, {"type": "text", "text": "at 04:12."}],
    }
    ask = {"model": "example-1", "max_tokens": 9, "messages": [{"role": "assistant", "content": [{"type": "text", "text": part}
           for part in ("It was at ", "five.")]}, {"role": "user", "content": "And now?"}]}  # fmt: skip
    one = interaction(
        f"'{json.dumps(answer)}'",
        url="https://api.example.com/v1/messages",
        method="POST",
        request_body=f"'{json.dumps(ask)}'",
    )
    path = write("a.yaml", govcr(one))
    assert [hit["text"] for hit in hits(cassette("grep", "--json", "water is at", path))] == ["High water is at 04:12."]
    assert [hit["where"] for hit in hits(cassette("grep", "--json", "water", path))] == ["response.text"]
    assert [hit["where"] for hit in hits(cassette("grep", "--json", "was at five", path))] == ["request.text assistant"]


def test_several_patterns(cassette, chat):
    assert [hit["text"] for hit in hits(cassette("grep", "--json", "-e", "^six", "-e", "tables", chat))] == [
        "Look at the tables first.", "six in the evening.",
    ]  # fmt: skip
    assert cassette("grep", "-F", "-e", "no.e", "-e", "evening.", chat).code == 0


def test_how_it_is_printed(cassette, chat, write):
    write("none.yaml", govcr(interaction()))
    where = f"{chat}#0  response.text"
    assert cassette("grep", "six", chat.parent).out == f"{where}:2  six in the evening.\n"
    assert cassette("grep", "-C1", "six", chat).out == f"{where}-1  High water is at\n{where}:2  six in the evening.\n"
    assert cassette("grep", "-o", "s.x", chat).out == f"{where}:2  six\n"
    assert cassette("grep", "-l", "six", chat.parent).out == f"{chat}\n"
    assert cassette("grep", "-c", "i", chat.parent, "--in", "response,text").out == f"{chat}:2\n"
    assert hits(cassette("grep", "-c", "--json", "six", chat.parent)) == [{"path": str(chat), "count": 1}]
    assert hits(cassette("grep", "-l", "--json", "six", chat.parent)) == [{"path": str(chat)}]
    assert hits(cassette("grep", "-C1", "--json", "six", chat)) == [{
        "path": str(chat), "interaction": 0, "where": "response.text", "line": 2, "text": "six in the evening.",
        "matches": [[0, 3]], "before": ["High water is at"], "after": [],
    }]  # fmt: skip
    quiet = cassette("grep", "-q", "six", chat.parent)
    assert (quiet.code, quiet.out) == (0, "")
    assert "\x1b[1;31msix\x1b[0m in the" in cassette("grep", "six", chat, "--color", "always").out


def test_lines_around_are_shown_once(cassette, write):
    text = "\\n".join("a b1 c d b2 e f g b3".split())
    path = write("a.yaml", govcr(interaction(f'\'{{"t": "{text}"}}\'')))
    rows = [row.partition("$.t")[2] for row in cassette("grep", "-C1", "b", path).out.splitlines()]
    assert rows == ["-1  a", ":2  b1", "-3  c", "-4  d", ":5  b2", "-6  e", "", "-8  g", ":9  b3"]


def test_a_long_line_is_cut_around_what_matches(cassette, write):
    path = write("a.yaml", govcr(interaction("'" + "x" * 5000 + "needle" + "y" * 5000 + "needle'")))
    text = cassette("grep", "needle", path).out.rpartition("  ")[2]
    assert re.fullmatch(r"…x{20,}needley{10,}…y{10,}needle\n", text)
    assert len(text) < 300
    assert len(hits(cassette("grep", "--json", "needle", path))[0]["text"]) == 10012


SECRET = "sk-" + "ant-api03-" + "Zq8tB3" * 15 + "-AAAAAA"
PASSWORD = "tr0ub4dor" + "&3"


@pytest.fixture
def leaky(write):
    """A cassette with secrets under every name and encoding that matter to what is shown."""
    ask = {
        "auth": {"password": PASSWORD},
        "args": ["--password", PASSWORD],
        "pairs": [{"name": "password", "value": PASSWORD}],
    }
    first = interaction(
        f"'{json.dumps({'error': f'bad key {SECRET} given', 'token': SECRET})}'",
        url=f"https://user:{PASSWORD}@api.example.com/v1/things?api_key={SECRET}",
        method="POST", request_body=f"'{json.dumps(ask)}'",
    ).replace("Accept:\n              - '*/*'", f"X-Api-Key:\n              - {SECRET}")  # fmt: skip
    halves = [json.dumps({"content": part}) for part in (f"The key is {SECRET[:30]}", f"{SECRET[30:]}, keep it.")]
    second = interaction(
        sse(*halves), content_type="text/event-stream", url="https://api.example.com/v1/chat/completions"
    )
    args = json.dumps({"note": 'say "hi" é', "password": PASSWORD, "token": SECRET})
    call = {
        "tool_calls": [{"index": 0, "id": "t", "type": "function", "function": {"name": "login", "arguments": args}}]
    }
    third = interaction(
        sse(json.dumps(call)), content_type="text/event-stream", url="https://api.example.com/v1/chat/completions"
    )
    odd = json.dumps(
        {SECRET: {"y": 1}, "client_secret": {"value": PASSWORD}, "log": json.dumps({"password": PASSWORD})}
    )
    fourth = interaction(f"'{odd}'", method="POST", request_body=f"'password={PASSWORD}&q=the+key'").replace(
        "Accept:\n              - '*/*'", "Content-Type:\n              - application/x-www-form-urlencoded"
    ).replace("    response:\n", f"    extra:\n        password: {PASSWORD}\n    response:\n")  # fmt: skip
    return write("leaky.yaml", govcr(first, second, third, fourth))


@pytest.mark.parametrize("options", [[], ["-o"], ["--json"], ["-C3"], ["-i"], ["--in", "body"]])
@pytest.mark.parametrize(
    "pattern", [".", ".*", r"\w+", r"[\s\S]+", "key", SECRET, SECRET[5:40], SECRET[30:50], "r0ub4", re.escape(PASSWORD), "tr0.*"]
)  # fmt: skip
def test_no_secret_is_shown_whatever_matches(cassette, leaky, options, pattern):
    result = cassette("grep", *options, pattern, leaky)
    shown = result.out + result.err
    for secret in (SECRET, PASSWORD):
        for at in range(14 if secret is SECRET else 0, len(secret) - 7):
            assert secret[at : at + 8] not in shown


def test_a_key_over_several_lines_is_one_mask(cassette, write):
    key = ["-----BEGIN PRIVATE " + "KEY-----", *["MIIEfake0123456789" * 3] * 4, "-----END PRIVATE " + "KEY-----"]
    path = write("a.yaml", govcr(interaction(literal(["before", *key, "after", "end"]), content_type="text/plain")))
    for pattern in ("BEGIN", "MIIE", "fake.*\nMIIE"):
        out = cassette("grep", "-C1", pattern, path).out
        assert "MIIE" not in out
        assert [row.partition("response.body")[2].split()[0] for row in out.splitlines()] == ["-1", ":2", "-8"]
    assert cassette("grep", "-c", "BEGIN", path).out == f"{path}:1\n"


def test_what_is_hidden_is_found_and_shown_on_request(cassette, leaky):
    assert cassette("grep", "-q", SECRET[20:40], leaky).code == 0
    masked = cassette("grep", "-o", SECRET[20:40], leaky).out
    assert masked.count("sk-ant-(hidden") == len(masked.splitlines()) > 3
    assert SECRET in cassette("grep", "--reveal", SECRET[20:40], leaky).out


def test_what_cannot_be_searched_is_told_and_counts(cassette, write, chat):
    damaged = gzip.compress(b"six of one" * 9, mtime=0)[:10] + b"\xff" * 20
    coding = "Content-Encoding:\n              - gzip\n            Content-Type:"
    broken = interaction(f"!!binary {base64.b64encode(damaged).decode()}").replace("Content-Type:", coding)
    path = write("broken.yaml", govcr(broken))
    result = cassette("grep", "six", chat, path)
    assert result.code == Exit.FAILED
    assert "six" in result.out
    assert f"{path}: the body of response 0 could not be searched: " in result.err
    assert cassette("grep", "-q", "six", chat, path).code == 0
    assert cassette("grep", "--in", "headers", "gzip", path).code == 0
    filtered = cassette("ls", "--grep", "six", chat, path)
    assert (filtered.code, filtered.out.count("\n")) == (Exit.FAILED, 1)
    assert filtered.err == result.err
    assert cassette("ls", "--grep", "gzip", path).code == 0
    assert "no interaction matches --grep seven" in cassette("ls", "--grep", "seven", chat).err


def test_a_binary_body_is_searched_and_not_shown(cassette, write):
    path = write("a.yaml", govcr(interaction("!!binary iVBORw0KGgoAAAANSUhEUg==", content_type="image/png")))
    assert cassette("grep", "IHDR", path).out == f"{path}#0  response.body  binary, 16 B, matches\n"
    assert hits(cassette("grep", "--json", "IHDR", path))[0]["binary"] == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no pattern is given"),
        (["("], "invalid pattern '(': missing ), unterminated subpattern"),
        (["-l", "-c", "x"], "--files-with-matches and --count cannot be combined"),
        (["-o", "--json", "x"], "--only-matching and --json cannot be combined"),
        (["--in", "there", "x"], "'there' is not one of request, response, url"),
        (["x", "missing.yaml"], "missing.yaml: no such file"),
        (["x"], ".: no cassettes in this folder"),
    ],
)
def test_wrong_arguments(cassette, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = cassette("grep", *arguments)
    assert (result.code, result.out) == (Exit.FAILED, "")
    assert message in result.err


def test_the_filter_of_all_verbs_sees_the_same(cassette, chat):
    for pattern in ("High water", "the tables", "Sample Bay", "a word", r"at\s+six"):
        assert cassette("ls", "--grep", pattern, chat).out.count("\n") == 1
    assert cassette("ls", "--grep", "High six", chat).out == ""


def test_standard_input(cassette, chat):
    assert cassette("grep", "six", "-", stdin=chat.read_bytes()).out == "-#0  response.text:2  six in the evening.\n"


@pytest.mark.parametrize(
    "arguments", [["-i", "0", "High", "@"], ["High", "@", "-i", "0"], ["-i", "0,2-4", "High", "@"]]
)
def test_a_number_after_i_gets_the_option_that_chooses(cassette, chat, arguments):
    result = cassette("grep", *(str(chat) if one == "@" else one for one in arguments))
    assert (result.code, "no such file" in result.err, "--interaction 0" in result.err) == (2, True, True)
    assert cassette("grep", "-i", "2", chat).code in (0, 1)

"""A `curl` command is read as the request that curl sends: its own server receives the same."""

import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.why import curl

OWN = {"host", "user-agent", "accept", "content-length", "expect", "connection"}
"""Headers that curl adds itself, and no command tells."""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[Any]]]:
    """Take note of each request that comes."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append((self.command, self.path, headers, body))
            self.send_response(204)
            self.end_headers()
            self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}", seen
    running.shutdown()
    running.server_close()


COMMANDS = [
    "curl {}/a/b?x=1",
    "curl -s -X DELETE '{}/a'",
    "curl -sXPUT {}/a -d one -d two",
    "curl {}/a --data-raw '@not a file' -H 'X-One: 1' -H 'X-Two;' -H 'Accept:'",
    """curl "{}/a" -H "content-type: application/json" --data-binary '{{"a": "it is",\n "b": 1}}'""",
    "curl {}/a -d $'it\\'s\\n\\u00e9 \\x41'",
    'curl {}/a -d "a \\"quoted\\" \\$HOME"',
    "curl {} \\\n  -H 'X-Many: a' \\\n  --json '{{\"q\": 1}}' \\\n  --compressed",
    "curl -G {}/a?x=1 -d y=2 --data-urlencode 'z=a b&c'",
    "curl {}/a --data-urlencode 'z=a b&c' --data-urlencode '=é'",
    "curl -I {}/a",
    "curl -u ada:lovelace {}/a -b 'c=1; d=2' -A me/1 -e https://r.example/",
    "curl --url {}/a --request=PATCH --header='X-One: 1' -o /dev/null -m 5",
    "curl {}/a --oauth2-bearer abc -r 0-99",
    "curl {}/a -d ''",
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_curl_sends_what_was_read(server, command):
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl is not installed")
    base, seen = server
    seen.clear()
    text = command.format(base)
    done = subprocess.run(["bash", "-c", text], capture_output=True, timeout=20, check=False)
    if done.returncode == 2:
        pytest.skip("this curl is too old for the option")
    [(method, path, headers, body)] = seen
    request = curl.read(text)[0].request
    assert (request.method, request.url) == (method, base + path)
    assert request.body.data == body
    told = {line.name.lower(): line.value for line in request.headers}
    own = OWN - told.keys() | ({"accept-encoding"} if "--compressed" in text else set())
    assert told == {name: value for name, value in headers.items() if name not in own}


def test_files_that_a_command_names_are_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a":\n1}\n')
    assert curl.read(f"curl https://a.example/ -d @{path}")[0].request.body.data == b'{"a":1}'
    assert curl.read(f"curl https://a.example/ --data-binary @{path}")[0].request.body.data == b'{"a":\n1}\n'
    form = curl.read(f"curl https://a.example/ -F name=ada -F 'file=@{path};type=application/json'")[0].request
    assert form.headers.get("content-type").startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="a.json"\r\nContent-Type: application/json\r\n\r\n{"a":\n1}\n' in form.body.data


def test_a_command_ends_where_the_shell_ends_it():
    assert curl.read("curl https://a.example/x | jq .")[0].request.url == "https://a.example/x"
    assert curl.read("curl https://a.example/x > out.json 2>&1")[0].request.url == "https://a.example/x"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("curl -H 'A: 1'", "no URL"),
        ("curl https://a.example/ https://b.example/", "2 URLs"),
        ("curl --frobnicate https://a.example/", "--frobnicate"),
        ("curl -Y https://a.example/", "-Y"),
        ("curl 'https://a.example/", "a quote that does not end"),
    ],
)
def test_what_is_not_understood_is_refused(command, told):
    with pytest.raises(UsageError, match=told):
        curl.read(command)


def _read(text: str, folder: str = "") -> list[tuple[str, bytes]]:
    return [
        (one.request.url.removeprefix("https://a.example/"), one.request.body.data) for one in curl.read(text, folder)
    ]


SCRIPTS = {
    "lines": ("curl https://a.example/1\ncurl https://a.example/2 -d x", [("1", b""), ("2", b"x")]),
    "semicolon": ("curl https://a.example/1; curl https://a.example/2", [("1", b""), ("2", b"")]),
    "and": ("curl https://a.example/1 && sudo /usr/bin/curl https://a.example/2 | jq .", [("1", b""), ("2", b"")]),
    "prompts and output": (
        "$ curl https://a.example/1\n{\"told\": \"it isn't\", 'x\n$ curl https://a.example/2",
        [("1", b""), ("2", b"")],
    ),
    "comment": ("curl https://a.example/1 # curl https://a.example/0\n# curl https://a.example/0", [("1", b"")]),
    "base64": (
        "base64 -d <<'END' |\nAAEC\n/w==\nEND\ncurl https://a.example/1 \\\n  --data-binary @-\n\ncurl https://a.example/2",
        [("1", b"\0\1\2\xff"), ("2", b"")],
    ),
    "printf": ("printf 'a\\n\\377%%%s' \"$KEY\" | curl https://a.example/1 --data-binary @-", [("1", b"a\n\xff%$KEY")]),
    "echo": ("echo '{\"a\": 1}' | curl https://a.example/1 -d @-", [("1", b'{"a": 1}')]),
    "here-document": (
        "curl https://a.example/1 --data-binary @- <<EOF\n{\"a\": \"it's; curl\"}\nEOF\ncurl https://a.example/2",
        [("1", b'{"a": "it\'s; curl"}\n'), ("2", b"")],
    ),
    "two here-documents": (
        "cat <<A | curl https://a.example/1 --data-binary @-; curl https://a.example/2 --data-binary @- <<-B\none\nA\n\ttwo\n\tB\n",
        [("1", b"one\n"), ("2", b"two\n")],
    ),
    "words of the shell": (
        "if ! curl https://a.example/1; then echo \"it's gone\"; fi; while true; do curl https://a.example/2; done",
        [("1", b""), ("2", b"")],
    ),
    "unused input": ("curl https://a.example/1 < /no/such/file", [("1", b"")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_all_commands_of_a_script_are_read_with_what_is_piped_into_them(name):
    text, expected = SCRIPTS[name]
    assert _read(text) == expected


def test_a_file_beside_the_script_goes_first(tmp_path):
    (tmp_path / "api-1.bin").write_bytes(b"\xff\0")
    assert _read("curl https://a.example/1 --data-binary @api-1.bin", str(tmp_path)) == [("1", b"\xff\0")]
    with pytest.raises(CassetteError, match=r"api-2\.bin: no such file"):
        _read("curl https://a.example/1 --data-binary @api-2.bin", str(tmp_path))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("curl https://a.example/ -d @-", "standard input, which is not known"),
        ("make-body | curl https://a.example/ -d @-", "standard input, which is not known"),
        ("base64 -d <<'END' | curl https://a.example/ -d @-\n=a=\nEND", "base64"),
        ("curl https://a.example/; x=$(curl https://a.example/2)", "inside of another"),
        ('curl https://a.example/; echo "$( curl https://a.example/2 )"', "inside of another"),
        ("curl https://a.example/; x=`curl https://a.example/2`", "inside of another"),
        ("curl https://a.example/ -d @- <<END\nfoo", "does not end with END"),
    ],
)
def test_input_that_cannot_be_known_is_refused(command, told):
    with pytest.raises(UsageError, match=told):
        curl.read(command)

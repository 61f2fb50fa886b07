"""The recorders themselves replay what was edited: `responses`, Betamax, nock, Polly.js and Ruby VCR."""

import json
import os
import shutil
import subprocess
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cassette_cli.formats import registry
from cassette_cli.source.compression import unwrap, wrap
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply
from formats import recordings

HERE = Path(__file__).parent
WORD, NEW = "kV7pQ2mX9tR4wLz8", "REDACTED caf\u00e9 \u2713"
URL = recordings.URL
NODE = ("nock@13", "@pollyjs/core@6", "@pollyjs/adapter-node-http@6", "@pollyjs/persister-fs@6")


def edit(path: Path) -> None:
    """Put NEW in the place of WORD in both bodies of a file, as `redact` would."""
    text, codec = unwrap(path.read_bytes(), str(path))
    document = Document(text, path)
    interaction = registry.load(document).interactions[0]
    edits = []
    for body in (interaction.request.body, interaction.response.body):
        if WORD in body.payload:
            at = body.payload.index(WORD)
            edits += body.edit([(at, at + len(WORD), NEW)])
    path.write_bytes(wrap(apply(document, edits).raw, codec))
    assert WORD.encode() not in path.read_bytes()


def run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked() -> str:
    return json.dumps(recordings.asked(NEW))


def test_responses(tmp_path):
    responses = pytest.importorskip("responses")
    import requests

    path = tmp_path / "a.yaml"
    path.write_text(recordings.responses(WORD), "utf-8")
    edit(path)
    with responses.RequestsMock() as mock:
        mock._add_from_file(path)
        answer = requests.post(URL, json={}, timeout=5)
    assert (answer.status_code, answer.json()) == (201, recordings.answered(NEW))


@pytest.fixture
def server():
    """Answer each request with WORD in JSON, from a server of our own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.dumps(recordings.answered(WORD)).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}/v1/ask"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # Betamax calls it
def test_betamax(tmp_path, server):
    betamax = pytest.importorskip("betamax")
    import requests

    for word, mode in ((WORD, "once"), (NEW, "none")):
        with requests.Session() as session:
            recorder = betamax.Betamax(session, cassette_library_dir=str(tmp_path))
            with recorder.use_cassette("ask", record=mode, match_requests_on=["method", "uri", "body"]):
                answer = session.post(server, data=json.dumps(recordings.asked(word), ensure_ascii=False).encode())
        assert (answer.status_code, answer.json()) == (201, recordings.answered(word))
        if word == WORD:
            edit(tmp_path / "ask.json")


@pytest.fixture(scope="module")
def node(tmp_path_factory, request):
    """Install the recorders for Node.js, once for all runs; return the script that lets them replay."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    cache = request.config.cache
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")  # two would install over each other
    folder = Path(cache.mkdir(f"node_recorders_{worker}") if cache is not None else tmp_path_factory.mktemp("node"))
    done = folder / "installed"
    if not done.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *NODE]
        installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if installed.returncode:
            pytest.skip("npm cannot install the recorders")
        done.touch()
    script = folder / "replay.js"
    shutil.copy(HERE / "replay.js", script)
    return script


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nock", "nock, gzip", "nock, binary"])
def test_nock(tmp_path, node, name):
    path = tmp_path / "a.json"
    path.write_text(recordings.RECORDINGS[name][1](WORD), "utf-8")
    edit(path)
    (definition,) = json.loads(path.read_text("utf-8"))
    body = definition["body"] if name == "nock, gzip" else asked()  # a text is compared as it stands
    status, _, answer = run("node", node, "nock", path, URL, body).partition("\n")
    assert (status, json.loads(answer)) == ("201", recordings.answered(NEW))


@pytest.mark.slow
def test_polly(tmp_path, node, server):
    first = run("node", node, "polly", "record", tmp_path, server, json.dumps(recordings.asked(WORD)))
    assert json.loads(first.partition("\n")[2]) == recordings.answered(WORD)
    (path,) = tmp_path.rglob("*.har")
    edit(path)
    # Polly.js finds an entry by a hash of the request that was sent, whatever stands there now.
    again = run("node", node, "polly", "replay", tmp_path, server, json.dumps(recordings.asked(WORD)))
    assert json.loads(again.partition("\n")[2]) == recordings.answered(NEW)


RUBY = """\
---
http_interactions:
- request:
    method: post
    uri: %s
    body:
      encoding: US-ASCII
      string: '%s'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 201
      message: Created
    headers:
      Content-Type:
      - application/json
    body:
      encoding: US-ASCII
      string: '%s'
  recorded_at: Fri, 02 Jan 2026 03:04:05 GMT
recorded_with: VCR 5.0.0
"""


@pytest.mark.slow
@pytest.mark.parametrize("serializer", ["yaml", "compressed"])
def test_ruby_vcr(tmp_path, serializer):
    if (
        shutil.which("ruby") is None
        or subprocess.run(["ruby", "-rvcr", "-rwebmock", "-e", "1"], check=False).returncode
    ):
        pytest.skip("Ruby VCR is not installed")
    bodies = [json.dumps(one) for one in (recordings.asked(WORD), recordings.answered(WORD))]
    text = (RUBY % (URL, *bodies)).encode()
    path = tmp_path / ("ask.yml" if serializer == "yaml" else "ask.zz")
    path.write_bytes(text if serializer == "yaml" else zlib.compress(text))
    edit(path)
    asked_for = json.dumps(recordings.asked(NEW), ensure_ascii=False)
    status, _, answer = run("ruby", HERE / "replay.rb", tmp_path, "ask", serializer, URL, asked_for).partition("\n")
    assert (status, json.loads(answer)) == ("201", recordings.answered(NEW))

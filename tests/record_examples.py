"""Record the examples of the Python recorders anew, with the real recorders, against a local server.

    python tests/record_examples.py [FOLDER]

writes to `examples/`. What the server says is made up here. Ruby VCR's, Polly.js's and the test agent's
examples are written by hand, in the manner of their recorders.
"""

import contextlib
import gzip
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import betamax
import httpx
import requests
import vcr
import yaml

PORT = 8765
HEADERS = {"User-Agent": "example-client/1.0", "Accept-Encoding": "gzip", "Accept": "application/json"}
RECORDED = ("vcrpy-streamed-message.yaml", "vcrpy-chat.json", "vcrpy-parallel.yaml.gz", "betamax-tides.json")
ADDRESS = f"http://127.0.0.1:{PORT}"

HARBOURS = {
    "harbours": [
        {"name": "Port Example", "high": ["04:12", "16:37"], "low": ["10:20", "22:51"]},
        {"name": "Sample Bay", "high": ["05:02", "17:29"], "low": ["11:14", "23:40"]},
    ],
    "unit": "hh:mm",
}
ANSWER = {
    "id": "chatcmpl-example-0101",
    "object": "chat.completion",
    "created": 1767600000,
    "model": "example-small-2",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "High water at Port Example is at 04:12 and 16:37."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 24, "completion_tokens": 15, "total_tokens": 39},
}
QUESTION = {
    "model": "example-small-2",
    "messages": [{"role": "user", "content": "When is high water at Port Example?"}],
}


def events() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the events of a streamed answer in Anthropic's protocol."""
    usage = {"input_tokens": 19, "output_tokens": 1}
    message = {"id": "msg_example_01", "type": "message", "role": "assistant", "model": "example-tide-1"}
    yield "message_start", {"message": message | {"content": [], "stop_reason": None, "usage": usage}}
    yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
    yield "ping", {}
    for piece in ("The keeper ", "", "rows home ", "at slack water", "."):
        yield "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": piece}}
    yield "content_block_stop", {"index": 0}
    yield "message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 11}}
    yield "message_stop", {}


def stream() -> str:
    """Return the streamed answer as the server sends it."""
    return "".join(f"event: {name}\ndata: {json.dumps({'type': name} | data)}\n\n" for name, data in events())


class Handler(BaseHTTPRequestHandler):
    """Answers as a harbour office and as two model providers would."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the tides, gzipped."""
        self.answer("application/json", gzip.compress(json.dumps(HARBOURS).encode(), mtime=0), "gzip")

    def do_POST(self) -> None:
        """Answer with a chat answer, streamed or not."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/v1/messages"):
            self.answer("text/event-stream; charset=utf-8", stream().encode())
        else:
            self.answer("application/json", json.dumps(ANSWER).encode())

    def answer(self, content_type: str, body: bytes, encoding: str = "") -> None:
        """Send one response, without date and server: a recording made twice is the same."""
        self.send_response_only(200)
        self.send_header("Content-Type", content_type)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", "req_example_1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[None]:
    """Serve on the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def client() -> Iterator[requests.Session]:
    """Make a client whose headers do not depend on the machine."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        session.headers.update(HEADERS)
        yield session


class SideBySide:
    """A serializer in the manner of LangChain's: requests and responses as two lists, gzipped by the persister."""

    @staticmethod
    def serialize(cassette_dict: dict[str, list[dict[str, object]]]) -> str:
        """Write the two lists."""
        items = cassette_dict["interactions"]
        lists = {"requests": [i["request"] for i in items], "responses": [i["response"] for i in items]}
        return yaml.safe_dump(lists)

    @staticmethod
    def deserialize(cassette_string: str) -> dict[str, list[dict[str, object]]]:
        """Read the two lists."""
        lists = yaml.safe_load(cassette_string)
        pairs = zip(lists["requests"], lists["responses"], strict=True)
        return {"interactions": [{"request": one, "response": other} for one, other in pairs]}


def record(folder: Path) -> None:
    """Record every example of a Python recorder."""
    recorder = vcr.VCR(record_mode="all", filter_headers=[("authorization", "REDACTED")])
    recorder.register_serializer("side-by-side", SideBySide)
    folder.mkdir(parents=True, exist_ok=True)
    for name in RECORDED:  # recorders add to what they find
        (folder / name).unlink(missing_ok=True)
    with serving():
        with recorder.use_cassette(str(folder / "vcrpy-streamed-message.yaml")):
            record_stream()
        with recorder.use_cassette(str(folder / "vcrpy-chat.json"), serializer="json"), client() as session:
            session.post(f"{ADDRESS}/v1/chat/completions", json=QUESTION).raise_for_status()
        plain = folder / "parallel.yaml"
        with recorder.use_cassette(str(plain), serializer="side-by-side"), client() as session:
            session.post(f"{ADDRESS}/v1/chat/completions", json=QUESTION).raise_for_status()
            session.get(f"{ADDRESS}/tides").raise_for_status()
        (folder / "vcrpy-parallel.yaml.gz").write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
        plain.unlink()
        with client() as session, betamax.Betamax(session, cassette_library_dir=str(folder)) as recording:
            recording.use_cassette("betamax-tides", record="all")
            session.get(f"{ADDRESS}/tides?day=tuesday").raise_for_status()
            session.post(f"{ADDRESS}/v1/chat/completions", json=QUESTION).raise_for_status()


def record_stream() -> None:
    """Ask for a streamed answer through requests, and for a compressed one through httpx."""
    headers = {"Authorization": "Bearer " + "example" * 3}
    body = {"model": "example-tide-1", "max_tokens": 64, "stream": True}
    body["messages"] = [{"role": "user", "content": "When does the keeper row home?"}]
    with client() as session:
        session.post(f"{ADDRESS}/v1/messages", json=body, headers=headers).raise_for_status()
    # httpx hands VCR.py the bytes of the wire; requests hands it a body already decoded.
    with httpx.Client(headers=HEADERS, trust_env=False) as plain:
        plain.get(f"{ADDRESS}/tides?day=monday").raise_for_status()


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "examples")

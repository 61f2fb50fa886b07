"""A server on the loopback interface that answers every request with one body, and remembers it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cassette_cli.providers.base import Exchange
from cassette_cli.streams import eventstream

CONTENT_TYPES = {
    ".sse": "text/event-stream; charset=utf-8",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
    ".events": "application/vnd.amazon.eventstream",
}


def body_of(fixture: Path) -> bytes:
    """Read a fixture; `.events` holds a message a line, as JSON, which is encoded for the wire."""
    if fixture.suffix != ".events":
        return fixture.read_bytes()
    lines = [json.loads(line) for line in fixture.read_text("utf-8").splitlines()]
    return eventstream.encode(
        eventstream.EventMessage(eventstream.text_headers(line["headers"]), json.dumps(line["payload"]).encode())
        for line in lines
    )


def status_of(fixture: Path) -> int:
    """Return the status that a fixture's name ends in, else 200."""
    ending = fixture.stem.rpartition("-")[2]
    return int(ending) if ending.isdecimal() else 200


@contextmanager
def serving(body: bytes, status: int, content_type: str) -> Iterator[tuple[str, list[Exchange]]]:
    """Serve a body; yields the server's address and the list of what it was asked for."""
    asked: list[Exchange] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            asked.append(Exchange("POST", self.path, sent, status, content_type))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

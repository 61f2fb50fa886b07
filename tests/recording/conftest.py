"""A server on this machine that echoes what it is sent, and the secrets that are sent to it."""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cassette_cli.__main__ import main


@dataclass(frozen=True)
class Secrets:
    """What a client sends: each kind is known by another rule."""

    token: str
    key: str
    password: str
    vendor: str

    @property
    def all(self) -> tuple[str, ...]:
        return self.token, self.key, self.password, self.vendor, "9ShFXNQ6Fq5axtjRNmHk"

    def json(self) -> dict[str, object]:
        return {"password": self.password, "note": f"use {self.vendor} to connect", "n": 1}

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "X-Api-Key": self.key, "Content-Type": "application/json"}

    def path(self) -> str:
        return f"/v1/echo?api_key={self.key}&page=2"


FIRST = Secrets(
    "tK7pQ2mR9sT4wZ8kL3nB",
    "kX1f0b9c3e5d7a4e2b8c",
    "zQ9wXk3LmZ2pTr8s",
    "sk-ant-" + "api03-" + "FAKEfake0123456789" * 5 + "AA",
)
OTHER = Secrets(
    "uL8qR3nS0tU5xA9mM4oC",
    "lY2g1c0d4f6e8b5f3c9d",
    "yR8vWj4KnY3qSu7t",
    "sk-ant-" + "api03-" + "fakeFAKE9876543210" * 5 + "AA",
)


@pytest.fixture
def first() -> Secrets:
    return FIRST


@pytest.fixture
def other() -> Secrets:
    return OTHER


class Echo(BaseHTTPRequestHandler):
    """Answers with everything that it got, and a session of its own."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.answer({"headers": dict(self.headers), "path": self.path, "raw": sent, "at": {"all": sent.split()}})

    def do_GET(self) -> None:
        self.answer({"headers": dict(self.headers), "path": self.path})

    def answer(self, what: object) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        if "gzip" in self.path:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "sid=9ShFXNQ6Fq5axtjRNmHk; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Done:
    code: int
    out: str


@pytest.fixture
def cassette(capfd):
    """Run `cassette` with arguments."""

    def run(*args: object) -> Done:
        capfd.readouterr()
        code = main([str(arg) for arg in args])
        return Done(int(code), capfd.readouterr().out)

    return run

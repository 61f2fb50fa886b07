"""Running commands as a user would: through `main`, with the exit code under test."""

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cassette_cli.__main__ import main

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Result:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def cassette(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """Run `cassette` with arguments, and text for its standard input."""

    def run(*args: object, stdin: bytes | None = None) -> Result:
        if stdin is not None:
            sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        try:
            code = main([str(arg) for arg in args])
        finally:
            if stdin is not None:
                sys.stdin = sys.__stdin__
        out, err = capfdbinary.readouterr()
        return Result(int(code), out.decode("utf-8"), err.decode("utf-8"))

    return run


@pytest.fixture
def examples() -> Path:
    """Return the folder of our own cassettes."""
    return EXAMPLES


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into a fresh folder."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def govcr(*interactions: str, version: int = 2) -> str:
    """Return a go-vcr cassette of these interactions."""
    return f"---\nversion: {version}\ninteractions:\n" + "".join(interactions)


def interaction(
    body: str = "''",
    *,
    url: str = "https://api.example.com/v1/things",
    method: str = "GET",
    request_body: str = '""',
    content_type: str = "application/json",
    code: int = 200,
) -> str:
    """Return one go-vcr interaction; bodies are YAML scalars that fit behind `body: `."""
    return f"""  - id: 0
    request:
        body: {request_body}
        headers:
            Accept:
              - '*/*'
        url: {url}
        method: {method}
    response:
        body: {body}
        headers:
            Content-Type:
              - {content_type}
        status: {code} Example
        code: {code}
        duration: 12.5ms
"""


def literal(lines: Sequence[str]) -> str:
    """Return a literal block scalar that fits behind `body: `."""
    return "|+\n" + "\n".join(f"            {line}" if line else "" for line in lines)

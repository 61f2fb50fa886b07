"""`cassette why` under VCR.py's error: `CannotOverwriteExistingRequestException` of `vcr/errors.py`."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from cassette_cli.errors import CassetteError

_TITLE = "cassette why"


class Explanations:
    """Adds a section to the report of a test that failed for want of a recording."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Explain the requests that VCR.py refused, whatever the client made of its error."""
        report = yield
        if call.excinfo is not None and report.failed:
            for error in _refusals(call.excinfo.value):
                report.sections.append((_TITLE, explained(error)))
        return report


def _refusals(error: BaseException) -> Iterator[Any]:
    """Yield the errors of VCR.py behind an error: its causes, what it came in, and the members of a group."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    requests: set[int] = set()
    while left:
        one = left.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if hasattr(one, "cassette") and hasattr(one, "failed_request") and id(one.failed_request) not in requests:
            requests.add(id(one.failed_request))
            yield one
        left += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def explained(error: Any) -> str:
    """Return what `cassette why` says of a request that VCR.py refused."""
    from cassette_cli.operations.why import asked, explain
    from cassette_cli.render.why import text

    cassette, request = error.cassette, error.failed_request
    path = os.fspath(cassette._path)  # noqa: SLF001
    try:
        wanted = asked(
            request.method, request.uri, list(request.headers.items()), _content(request.body), source="VCR.py",
            match_on=[one.__name__ for one in cassette._match_on], refused=True,  # noqa: SLF001
        )  # fmt: skip
        return text(explain(path, wanted, played={index for index, count in cassette.play_counts.items() if count}))
    except CassetteError as failed:
        return str(failed)


def _content(body: Any) -> str | bytes:
    """Return a request's body: VCR.py hands over a file or an iterator where the client had one."""
    content = body.read() if hasattr(body, "read") else body
    if content is None or isinstance(content, str | bytes):
        return content or b""
    return bytes(content) if isinstance(content, bytearray) else b"".join(content)

"""Redaction at record time for all of VCR.py's cassettes, without a line in the tests."""

from collections.abc import Callable
from typing import Any

import pytest

from cassette_cli.recording import Redactor


class Redaction:
    """Has every cassette that VCR.py makes in this session redact what it records.

    Requests are redacted before they are matched, too, so that they find what was recorded; answers that come from
    the file stay as they are.
    """

    def __init__(self, config: pytest.Config) -> None:
        try:
            from vcr.cassette import Cassette  # type: ignore[import-untyped, unused-ignore]
        except ImportError as error:
            raise pytest.UsageError("--cassette-redact needs VCR.py: pip install vcrpy") from error
        self._redactor = Redactor(config.rootpath)
        self._made, self._load = Cassette.__init__, Cassette._load  # noqa: SLF001
        self._class: Any = Cassette
        redaction = self

        def made(cassette: Any, *args: Any, **kwargs: Any) -> None:
            redaction._made(cassette, *args, **kwargs)
            cassette._cassette_loading = False  # noqa: SLF001
            cassette._before_record_request = redaction._request(cassette._before_record_request)  # noqa: SLF001
            cassette._before_record_response = redaction._response(cassette)  # noqa: SLF001

        def loaded(cassette: Any) -> None:
            cassette._cassette_loading = True  # noqa: SLF001
            try:
                redaction._load(cassette)
            finally:
                cassette._cassette_loading = False  # noqa: SLF001

        Cassette.__init__, Cassette._load = made, loaded  # noqa: SLF001

    def _request(self, before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def redacted(request: Any) -> Any:
            kept = before(request)
            return self._redactor.before_record_request(kept) if kept else kept

        return redacted

    def _response(self, cassette: Any) -> Callable[[Any], Any]:
        before = cassette._before_record_response  # noqa: SLF001

        def redacted(response: Any) -> Any:
            kept = before(response)
            if kept is None or cassette._cassette_loading:  # noqa: SLF001
                return kept
            return self._redactor.before_record_response(kept)

        return redacted

    def pytest_unconfigure(self) -> None:
        """Let VCR.py be as it was."""
        self._class.__init__, self._class._load = self._made, self._load  # noqa: SLF001

"""What the tests of pages share: Chromium, headless, driven by Playwright, and pages that may not complain."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")


@contextmanager
def running() -> Iterator[Any]:
    """Yield Chromium; skips where there is no Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Any, file: Path, hash_: str = "", *, scheme: str = "light", width: int = 1400, shot: str = ""
) -> Iterator[Any]:
    """Open a page offline; any error of its script or policy fails the test.

    With CASSETTE_SCREENSHOTS, a picture named `shot` is taken at the end.
    """
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(file.as_uri() + hash_)
    yield page
    folder = os.environ.get("CASSETTE_SCREENSHOTS")
    if folder and shot:
        page.screenshot(path=str(Path(folder) / f"{shot.replace('/', '_')}.png"))
    context.close()
    assert complaints == []


def until(page: Any, expression: str) -> None:
    """Wait until an expression is true; Playwright's own way evaluates text, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    raise AssertionError(expression)

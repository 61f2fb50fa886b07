"""The page of `cassette diff --format html` in a real browser: Chromium, headless, driven by Playwright.

Without either the tests are skipped.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.support import needs_chromium, opened, running
from cassette_cli.__main__ import main
from operations.diff_support import Call, ask, chat, text_of

pytestmark = needs_chromium

HOSTILE = (
    "</pre></main><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    "<svg onload=\"document.title='taken'\"><a href=\"javascript:document.title='taken'\">x</a>&lt;b&gt;"
)


CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const linear = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = (c) => { const [r, g, b] = c.map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== 'transparent') return rgb(colour);
    }
    return [255, 255, 255];
  };
  const parts = 'h1, h2, h3, h4, nav a, #summary td, #summary dd, summary code, .state, .old pre, .new pre, del, ins, mark, .volatile, legend';
  return [...document.querySelectorAll(parts)].filter((one) => one.offsetParent).map((one) => {
    const a = light(rgb(getComputedStyle(one).color)), b = light(behind(one));
    return [one.tagName + '.' + one.className, (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
  });
}"""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def made(folder: Path) -> Path:
    """Write the page that compares the folder's `old` with its `new`."""
    out = folder / "page.html"
    with out.open("w", encoding="utf-8") as file:
        kept, sys.stdout = sys.stdout, file
        try:
            assert main(["diff", str(folder / "old"), str(folder / "new"), "--format", "html"]) == 0
        finally:
            sys.stdout = kept
    return out


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a page: a changed text, a changed model, a volatile id, an added cassette, and hostile recorded text."""
    folder = tmp_path_factory.mktemp("html")
    day, night = chat("Good day to you. The tide is low."), chat("Good night to you. The tide is low.")
    write(folder, "old/ebb.yaml", text_of(Call(ask("Say hello"), day)))
    write(folder, "new/ebb.yaml", text_of(Call(ask("Say hello"), night)))
    write(folder, "old/flood.yaml", text_of(Call(ask("Which model"), {**chat("x"), "model": "tide-1"})))
    write(folder, "new/flood.yaml", text_of(Call(ask("Which model"), {**chat("x"), "model": "tide-2"})))
    write(folder, "old/noise.yaml", text_of(Call(ask("Again"), {**chat("x"), "id": "chatcmpl-1"})))
    write(folder, "new/noise.yaml", text_of(Call(ask("Again"), {**chat("x"), "id": "chatcmpl-2"})))
    write(folder, "new/spring.yaml", text_of(Call(ask("New here"), chat("x"))))
    write(folder, "old/hostile <b>.yaml", text_of(Call(ask("x"), chat("plain"), headers={"X-<i>": "<u>"})))
    write(folder, "new/hostile <b>.yaml", text_of(Call(ask(HOSTILE), {**chat(HOSTILE), "model": HOSTILE})))
    return made(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as found:
        yield found


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Any, page_file: Path) -> Iterator[Any]:
    """Open the page, offline, in one colour scheme; any error of its script or policy fails the test."""
    with opened(browser, page_file, scheme=request.param, width=1200, shot=request.node.name) as found:
        yield found


def shown(page: Any) -> list[str]:
    """Return the paths of the cassettes that can be seen."""
    return page.locator("details.cassette:visible > summary > code").all_inner_texts()


CHANGED = ["ebb.yaml", "flood.yaml", "hostile <b>.yaml", "spring.yaml"]


def test_it_shows_what_changed_side_by_side(page: Any):
    assert page.title() == "4 cassettes changed"
    assert shown(page) == CHANGED
    change = page.locator("details.cassette", has_text="ebb.yaml").locator(".change[data-kind=text]")
    old, new = change.locator(".old"), change.locator(".new")
    assert old.inner_text() == "Good day to you. The tide is low."
    assert new.inner_text() == "Good night to you. The tide is low."
    assert (old.locator("del").inner_text(), new.locator("ins").inner_text()) == ("day", "night")
    boxes = old.bounding_box(), new.bounding_box()
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_it_needs_nothing_from_elsewhere(page: Any, page_file: Path):
    text = page_file.read_text("utf-8")
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert "<link" not in text
    assert 'src="http' not in text


def test_hostile_text_stays_text(page: Any):
    page.wait_for_timeout(100)
    assert page.title() == "4 cassettes changed"
    assert page.locator("main script, main img, main svg, main i, main u, main b:not(h3 b)").count() == 0
    assert page.locator("a:not([href^='#c'])").count() == 0
    hostile = page.locator("details.cassette", has_text="hostile")
    assert HOSTILE in hostile.locator(".change[data-kind=model] .new").inner_text()


def test_find_narrows_and_escape_widens(page: Any):
    page.keyboard.press("/")
    page.keyboard.type("night tide")
    assert shown(page) == ["ebb.yaml"]
    assert page.locator("#count").inner_text() == "1 shown"
    page.keyboard.press("Escape")
    assert shown(page) == CHANGED


def test_kinds_are_filtered(page: Any):
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("text 2", exact=True).uncheck()
    page.get_by_label("model 2", exact=True).uncheck()
    assert "ebb.yaml" not in shown(page)
    assert "flood.yaml" not in shown(page)
    page.get_by_label("model 2", exact=True).check()
    assert "flood.yaml" in shown(page)


def test_what_is_volatile_is_shown_on_demand(page: Any):
    assert "noise.yaml" not in shown(page)
    page.keyboard.press("n")
    assert "noise.yaml" in shown(page)
    noise = page.locator("details.cassette", has_text="noise.yaml")
    if noise.get_attribute("open") is None:  # the others of its list may have been unfolded with it
        noise.locator("summary code").click()
    noise.get_by_text("chatcmpl-2").first.wait_for(timeout=5000)
    page.keyboard.press("n")
    assert "noise.yaml" not in shown(page)


def test_it_is_read_by_keyboard(page: Any):
    def focused() -> str:
        return page.evaluate("document.activeElement.innerText.split(' ')[0]")

    page.keyboard.press("j")
    assert focused() == "ebb.yaml"
    page.keyboard.press("j")
    assert focused() == "flood.yaml"
    page.keyboard.press("k")
    assert focused() == "ebb.yaml"
    text = page.locator("details.cassette", has_text="ebb.yaml").locator(".change[data-kind=text]")
    assert text.is_visible()
    page.keyboard.press("Enter")
    assert not text.is_visible()
    page.keyboard.press("Enter")
    assert text.is_visible()


def test_all_are_folded_and_unfolded(page: Any):
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert page.locator("section.interaction:visible").count() == 0
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator("section.interaction:visible").count() == 4


def test_text_can_be_read_in_both_schemes(page: Any):
    """The contrast of text and of marked words against what is behind them is at least 4.5 (WCAG 2.2, 1.4.3)."""
    measured = page.evaluate(CONTRAST)
    assert len(measured) > 20
    poor = {name: round(ratio, 2) for name, ratio in measured if ratio < 4.5}
    assert poor == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_no_fault(browser: Any, page_file: Path, scheme: str, width: int):
    """No rule of axe-core is broken, with what is volatile in sight, too."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    found = context.new_page()
    found.goto(page_file.as_uri())
    found.keyboard.press("n")
    faults = axe.Axe().run(found).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in faults] == []
    context.close()


def test_the_schemes_differ(browser: Any, page_file: Path):
    colours = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        opened = context.new_page()
        opened.goto(page_file.as_uri())
        colours.append(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert colours == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


def test_a_narrow_window_puts_one_side_below_the_other(browser: Any, page_file: Path):
    context = browser.new_context(viewport={"width": 500, "height": 900})
    opened = context.new_page()
    opened.goto(page_file.as_uri())
    change = opened.locator("details.cassette", has_text="ebb.yaml").locator(".change[data-kind=text]")
    assert change.locator(".old").bounding_box()["y"] < change.locator(".new").bounding_box()["y"]
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_hundreds_of_cassettes_are_filtered_at_once(browser: Any, tmp_path: Path):
    for number in range(300):
        for side in ("old", "new"):
            write(tmp_path, f"{side}/{number}.yaml", text_of(Call(ask("x"), chat(f"{side} tide number {number}"))))
    out = made(tmp_path)
    opened = browser.new_page()
    opened.goto(out.as_uri())
    opened.locator("#find").fill("number 299")
    assert shown(opened) == ["299.yaml"]
    assert opened.locator("details.cassette").count() == 300
    assert opened.locator("nav li:visible").count() == 1
    opened.close()


def test_a_summary_and_a_tree_lead_to_the_cassettes(page: Any):
    rows = page.locator("#summary tr")
    assert rows.count() >= 3
    row = rows.filter(has_text="tide-2")
    assert row.locator("del").inner_text() == '"tide-1"'
    assert row.locator("ins").inner_text() == '"tide-2"'
    row.get_by_role("link").click()
    page.wait_for_function("document.activeElement !== document.body")  # the page answers once the address has changed
    assert page.evaluate("document.activeElement.innerText").startswith("flood.yaml")
    assert page.locator("nav li:visible a").all_inner_texts() == CHANGED
    page.get_by_role("button", name="Fold all", exact=True).click()
    page.locator("nav").get_by_role("link", name="ebb.yaml").click()
    opened = page.locator("details.cassette", has_text="ebb.yaml")
    opened.locator("section").wait_for()
    assert opened.locator("section").is_visible()
    assert page.url.endswith(page.locator(".box", has_text="ebb.yaml").locator(".link").get_attribute("href"))


def test_viewed_marks_are_kept_as_long_as_the_cassette_is_the_same(page: Any):
    one = page.locator(".box", has_text="ebb.yaml")
    one.get_by_label("viewed").check()
    assert not one.locator("section").is_visible()
    assert page.locator("#count").inner_text() == "4 shown, 1 viewed"
    page.reload()
    assert page.locator(".box", has_text="ebb.yaml").get_by_label("viewed").is_checked()
    assert page.locator("nav li.viewed").inner_text().startswith("ebb.yaml")
    page.keyboard.press("j")
    page.keyboard.press("v")
    assert page.locator("#count").inner_text() == "4 shown"


def test_an_added_interaction_shows_what_was_asked(page: Any):
    text = page.locator("details.cassette", has_text="spring.yaml").locator(".excerpt.new").inner_text()
    assert "New here" in text


def test_escape_keeps_the_place(browser: Any, tmp_path: Path):
    for number in range(60):
        for side in ("old", "new"):
            words = "even" if number % 2 else "odd"
            write(tmp_path, f"{side}/{number:02}.yaml", text_of(Call(ask("x"), chat(f"{side} {words} {number}"))))
    opened = browser.new_page(viewport={"width": 1000, "height": 700})
    opened.goto(made(tmp_path).as_uri())
    opened.keyboard.press("/")
    opened.keyboard.type("even")
    stop = opened.locator("details.cassette:visible").nth(9)
    stop.locator("summary").evaluate("one => { one.focus(); one.scrollIntoView({ block: 'center' }); }")
    before = stop.bounding_box()["y"]
    name = stop.locator("summary code").inner_text()
    opened.keyboard.press("Escape")
    assert opened.locator("details.cassette:visible").count() == 60
    opened.wait_for_timeout(200)
    after = opened.locator("details.cassette", has_text=name).bounding_box()["y"]
    assert abs(after - before) < 2
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_header_is_small_on_a_phone(browser: Any, page_file: Path, scheme: str):
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    opened = context.new_page()
    opened.goto(page_file.as_uri())
    assert opened.locator("header").bounding_box()["height"] < 100
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not opened.locator("nav ul").first.is_visible()
    opened.get_by_text("Cassettes", exact=True).click()
    assert opened.locator("nav ul").first.is_visible()
    context.close()

"""The page of `cassette html` in a real browser: Chromium, headless, driven by Playwright; judged by axe-core, too.

Without any of them the tests are skipped.
"""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.support import needs_chromium, opened, running, until
from cassette_cli.__main__ import main
from operations.diff_support import Call, ask, chat, streamed, text_of

pytestmark = needs_chromium

SECRET = "sk-" + "ant-api03-" + "Q7z" * 12
HOSTILE = (
    "</script></pre></main><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    "<svg onload=\"document.title='taken'\"><a href=\"javascript:document.title='taken'\">x</a><!-- &lt;b&gt; ${1} \u2028"
)
DEEP = "needle " + "hay " * 3000 + "harbour light"


def made(folder: Path, out: str, *args: str) -> Path:
    """Make the page of a folder's cassettes, and return its file."""
    assert main(["html", str(folder / "tests"), "-o", str(folder / out), *args]) == 0
    return folder / out if out.endswith(".html") else folder / out / "index.html"


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "tests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def suite(folder: Path) -> None:
    """Write a suite: talk, a stream, tools, an error, plain HTTP in gzip, a secret, and hostile text everywhere."""
    call = {"id": "call_1", "type": "function", "function": {"name": "tide_table", "arguments": '{"day": "Monday"}'}}
    tools = [{"type": "function", "function": {"name": "tide_table", "description": "Looks it up", "parameters": {}}}]
    write(folder, "chat/ebb.yaml", text_of(
        Call(ask("When is low water?", "At noon.", "And high water?", tools=tools), chat("", tool_calls=[call])),
        Call(ask("Say hello"), streamed("Good ", "day to you", created=1700000000)),
    ))  # fmt: skip
    write(folder, "chat/deep.yaml", text_of(Call(ask("Where is it?"), chat(DEEP, refusal=None))))
    write(folder, "errors/busy.yaml", text_of(Call(ask("Now?"), {"error": {"message": "overloaded"}}, status=429)))
    packed = base64.b64encode(gzip.compress(b'{"tide": "low", "metres": 0.50}')).decode()
    write(folder, "plain/gzip.yaml", "interactions:\n- request: {method: GET, uri: 'https://tides.example/now', body: null, headers: {}}\n"
          f"  response: {{status: {{code: 200, message: OK}}, headers: {{Date: ['Mon, 06 May 2024 10:00:00 GMT']}}, body: {{string: !!binary {packed}}}}}\nversion: 1\n")  # fmt: skip
    write(folder, "plain/secret.yaml", text_of(Call(ask("x"), chat("y"), sent={"Authorization": f"Bearer {SECRET}"})))
    odd = {"__proto__": {"x": 1}, "constructor": HOSTILE, "toString": 1e400}
    write(folder, "odd/hostile <b>'\"&.yaml", text_of(
        Call({**ask(HOSTILE), "model": "__proto__", "metadata": odd},
             {**chat(HOSTILE, tool_calls=[{"id": HOSTILE, "type": "function", "function": {"name": HOSTILE, "arguments": HOSTILE}}]),
              "model": "__proto__"}, headers={"X-<i>": HOSTILE}),
        Call(HOSTILE, HOSTILE, url="javascript:document.title='taken'//</script>"),
    ))  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make the page of one suite in both forms."""
    folder = tmp_path_factory.mktemp("suite")
    suite(folder)
    return {"file": made(folder, "suite.html"), "folder": made(folder, "site")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as found:
        yield found


@pytest.fixture(params=["file", "folder"])
def page(request: pytest.FixtureRequest, browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    with opened(browser, files[request.param], shot=request.node.name) as found:
        until(found, "wordsRead")
        yield found


def names(page: Any) -> list[str]:
    return [one.replace("\n", "") for one in page.locator("a.row .name").all_inner_texts()]


ALL = [
    "chat/deep.yaml#0", "chat/ebb.yaml#0", "chat/ebb.yaml#1", "errors/busy.yaml#0", "odd/hostile <b>'\"&.yaml#0",
    "odd/hostile <b>'\"&.yaml#1", "plain/gzip.yaml#0", "plain/secret.yaml#0",
]  # fmt: skip


def search(page: Any, text: str) -> list[str]:
    page.locator("#find").fill(text)
    until(page, f"drawn === {json.dumps(text)}")
    return names(page)


def test_it_lists_all_and_shows_a_conversation(page: Any):
    assert names(page) == ALL
    assert page.locator("#count").inner_text() == "8 shown"
    page.get_by_role("link", name="ebb.yaml #0").click()
    detail = page.locator("#detail")
    assert detail.locator("h2").inner_text().replace("\n", "") == "chat/ebb.yaml#0"
    assert detail.locator(".turn h3").all_inner_texts() == ["user", "assistant", "user", "assistant"]
    assert detail.locator(".turn").nth(2).locator(".text").inner_text() == "And high water?"
    last = detail.locator(".turn").last
    assert last.locator("h4").inner_text() == "tool call tide_table call_1"
    assert last.locator("pre").inner_text() == '{\n  "day": "Monday"\n}'
    detail.get_by_text("1 tool offered").click()
    assert "tide_table() Looks it up" in detail.inner_text()


def test_it_shows_request_and_response_decoded(page: Any):
    page.get_by_role("link", name="gzip.yaml #0").click()
    sides = page.locator("#detail .side")
    assert sides.last.locator("pre").inner_text() == '{\n  "tide": "low",\n  "metres": 0.5\n}'
    assert "gzip" in sides.last.locator("h3").inner_text()
    assert "Mon, 06 May 2024" in sides.last.inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="ebb.yaml #1").click()
    page.get_by_role("button", name="Request and response").click()
    frames = page.locator("#detail .side").last.locator("pre").inner_text()
    assert 'delta.content="day to you"' in frames
    assert frames.startswith("5 frames")


def test_hostile_text_stays_text(page: Any):
    for name in ("hostile <b>'\"&.yaml #0", "hostile <b>'\"&.yaml #1"):
        page.get_by_role("link", name=name).click()
        for key in "cr":
            page.keyboard.press(key)
            page.wait_for_timeout(50)
            page.evaluate("document.querySelectorAll('#detail details').forEach((one) => { one.open = true; })")
            assert "onerror=" in page.locator("#detail").inner_text()
            assert "\\u2028" in page.locator("#detail").inner_text()
        page.keyboard.press("Escape")
    assert page.title().startswith("8 interactions of 6 cassettes")
    assert page.locator("img, iframe, #page script, #page i, #page u").count() == 0
    assert page.locator("svg:not(#figures svg)").count() == 0
    assert page.locator("a:not([href^='#'])").count() == 0
    assert page.evaluate("({}).x") is None


def test_names_of_javascript_are_values_as_others(page: Any):
    model = page.locator(".facet", has_text="model").get_by_label("__proto__")
    assert model.is_visible()
    model.check()
    assert names(page) == ["odd/hostile <b>'\"&.yaml#0"]
    assert page.url.endswith("#model=__proto__")


def test_secrets_are_nowhere(page: Any, files: dict[str, Path]):
    page.get_by_role("link", name="secret.yaml #0").click()
    page.keyboard.press("r")
    page.wait_for_timeout(50)
    assert "Bearer sk-ant-(hidden" in page.locator("#detail dl").first.inner_text()
    assert "CAS003" in page.locator(".faults").inner_text()
    assert SECRET[12:30] not in page.content()


def test_nothing_else_may_run(browser: Any, files: dict[str, Path]):
    """A script, a handler and a style that get into the page all the same are stopped by its policy."""
    for file in files.values():
        context = browser.new_context(offline=True)
        page = context.new_page()
        page.goto(file.as_uri())
        text = file.read_text("utf-8")
        attack = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
        bad = file.with_name("attacked.html")
        bad.write_text(text.replace("<main>", f"<main>{attack}", 1), "utf-8")
        page.goto(bad.as_uri())
        page.wait_for_timeout(200)
        assert page.title() != "taken"
        assert (
            page.evaluate(
                "(() => { try { document.body.innerHTML = '<b>x</b>'; } catch (error) { return error.name; } })()"
            )
            == "TypeError"
        )
        bad.unlink()
        context.close()


def test_it_reads_nothing_but_its_own_parts(page: Any, files: dict[str, Path]):
    page.get_by_role("link", name="ebb.yaml #0").click()
    page.wait_for_selector(".turn")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert all(one.startswith("file://") and "/parts/" in one for one in loaded)
    assert files["folder"].as_uri().rpartition("/")[0] in (loaded or [files["folder"].as_uri()])[0]


def test_search_looks_at_paths_urls_and_all_that_was_said(page: Any):
    assert search(page, "ebb") == ["chat/ebb.yaml#0", "chat/ebb.yaml#1"]
    assert search(page, "tides.example/now") == ["plain/gzip.yaml#0"]
    assert search(page, '"good day to you"') == ["chat/ebb.yaml#1"]
    assert search(page, '"day good"') == []
    assert page.locator("#list").inner_text() == "Nothing matches."
    assert search(page, "YOU day") == ["chat/ebb.yaml#1"]
    assert search(page, "harbour light") == ["chat/deep.yaml#0"]
    assert "harbour" in page.locator("a.row mark").inner_text()
    assert page.locator("#count").inner_text() == "1 of 8 shown"
    page.get_by_role("link", name="deep.yaml #0").click()
    page.wait_for_selector(".turn")
    assert page.title().split(" · ")[0].endswith("/tests/chat/deep.yaml#0")
    assert page.evaluate("CSS.highlights.get('found').size") >= 2
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert names(page) == ALL


def test_facets_count_what_the_others_leave(page: Any):
    def counts(facet: str) -> dict[str, str]:
        labels = page.locator(".facet", has=page.locator(f"summary:text-is('{facet}')")).locator("label")
        return {one.locator("span").inner_text(): one.locator("b").inner_text() for one in labels.all()}

    assert counts("finding") == {"none": "7", "CAS003 secret": "1"}
    assert counts("status") == {"200": "7", "429": "1"}
    assert counts("recorder") == {"go-vcr v2": "7", "vcrpy": "1"}
    assert counts("folder") == {"chat/": "3", "errors/": "1", "odd/": "2", "plain/": "2"}
    assert counts("host")["tides.example"] == "1"
    assert counts("month") == {"2024-05": "1", "none": "7"}
    page.get_by_label("chat/").check()
    assert names(page) == ALL[:3]
    assert counts("folder") == {"chat/": "3", "errors/": "1", "odd/": "2", "plain/": "2"}
    assert counts("recorder") == {"go-vcr v2": "3"}
    page.get_by_label("errors/").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.value").endswith("/tests/errors/")
    assert names(page) == ALL[:4]
    page.get_by_label("429").check()
    assert names(page) == ALL[3:4]
    page.locator("#find").fill("busy")
    page.keyboard.press("Escape")
    assert names(page) == ALL[3:4]
    page.get_by_role("button", name="Clear search and filters").click()
    assert names(page) == ALL


def test_sorting(page: Any):
    page.get_by_label("Sort by").select_option("most frames")
    assert names(page)[0] == "chat/ebb.yaml#1"
    page.get_by_label("Sort by").select_option("newest")
    assert names(page)[0] == "plain/gzip.yaml#0"
    page.get_by_label("Sort by").select_option("path")
    assert names(page) == ALL


def test_plots_say_their_numbers(page: Any):
    told = page.locator("figure svg").evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    assert told == [
        "Frames: of 1 streams: median 5, largest 5", "Tokens: of 4 answers: median 12, largest 12",
        "Durations: of 7 responses: median 13 ms, largest 13 ms", "Recorded: from 2024-05 to 2024-05, 7 without a date",
    ]  # fmt: skip
    ends = page.locator("figure .ends").evaluate_all(
        "(all) => all.map((one) => [...one.children].map((end) => end.textContent))"
    )
    assert ends == [["5", ""], ["12", ""], ["13 ms", ""], ["2024-05", ""]]
    search(page, "busy")
    assert page.locator("figure").count() == 1


def test_the_command_for_a_terminal_masks(page: Any):
    page.get_by_role("link", name="ebb.yaml #0").click()
    for key, options in (("c", "-r"), ("r", "--headers")):
        page.keyboard.press(key)
        page.get_by_text(f"In a terminal: cassette show --mask {options} ").wait_for()


def test_an_axis_ends_with_the_smallest_and_the_largest_value(page: Any):
    figure = page.evaluate("amounts('Sizes', 'bodies', [5, 6, 100, 135], number).querySelector('.ends').innerHTML")
    assert figure == "<span>5</span><span>135</span>"


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_a_long_name_keeps_its_end_and_its_number(browser: Any, tmp_path: Path, width: int):
    name = "test_tides_of_all_harbours_and_bays_in_one_answer[streamed-parallel].json"
    write(tmp_path, f"{'deep-folder/' * 9}{name}", text_of(*[Call(ask(f"q {n}"), chat("a")) for n in range(3)]))
    write(tmp_path, "short.json", text_of(Call(ask("q"), chat("a"))))
    with opened(browser, made(tmp_path, "p.html"), width=width) as page:
        rows = page.locator("a.row", has=page.locator(".file", has_text="harbours"))
        assert rows.count() == 3
        for number in range(3):
            row = rows.nth(number)
            box, last = row.bounding_box(), row.locator(".number").bounding_box()
            assert row.locator(".number").inner_text() == f"#{number}"
            assert last["width"] > 8
            assert last["x"] + last["width"] <= box["x"] + box["width"]
            ends = [row.locator(".file").bounding_box(), row.locator(".file bdi").bounding_box()]
            assert len({round(one["x"] + one["width"]) for one in ends}) == 1
            assert row.locator(".name").get_attribute("title").endswith(f"{name}#{number}")
        (short,) = page.locator("a.row", has=page.locator("text=short.json")).all()
        assert short.locator(".file").evaluate("(one) => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("form", ["file", "folder"])
def test_addresses_lead_back(browser: Any, files: dict[str, Path], form: str):
    with opened(browser, files[form]) as page:
        until(page, "wordsRead")
        page.get_by_label("chat/").check()
        search(page, "tide_table")
        page.get_by_role("link", name="ebb.yaml #0").click()
        page.keyboard.press("r")
        page.wait_for_selector(".side")
        whole = page.url
        link = page.get_by_role("link", name="Link to this interaction").get_attribute("href")
        page.go_back()
        page.wait_for_selector("#detail:empty", state="attached")
        assert names(page) == ["chat/ebb.yaml#0"]
    with opened(browser, files[form], whole[whole.index("#") :]) as page:
        page.wait_for_selector(".side")
        assert (page.locator("#find").input_value(), page.get_by_label("chat/").is_checked()) == ("tide_table", True)
    with opened(browser, files[form], link) as page:
        assert page.locator(".turn h3").first.inner_text() == "user"
        assert page.locator("a.row[aria-current] .name").inner_text().replace("\n", "") == "chat/ebb.yaml#0"
        assert names(page) == ALL
    with opened(browser, files[form], "#open=gone.yaml%230") as page:
        assert page.locator("#detail .error").inner_text() == "There is no gone.yaml#0 in this page."


def test_it_is_read_by_keyboard(page: Any):
    def title() -> str:
        return page.locator("#title").inner_text().replace("\n", "")

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.innerText").startswith("200\nchat/\nebb.yaml\n#0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    assert page.evaluate("document.activeElement.id") == "title"
    page.keyboard.press("j")
    until(page, "document.getElementById('title').innerText.includes('#1')")
    assert title() == "chat/ebb.yaml#1"
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("k")
    until(page, "document.getElementById('title').innerText.includes('deep')")
    page.keyboard.press("Escape")
    assert page.locator("#detail").is_hidden()
    assert page.evaluate("document.activeElement.row.name").endswith("deep.yaml#0")
    page.keyboard.press("/")
    page.keyboard.type("jkcr")
    assert page.locator("#find").input_value() == "jkcr"


def test_a_part_that_is_gone_is_said(browser: Any, tmp_path: Path):
    suite(tmp_path)
    file = made(tmp_path, "site")
    for part in (tmp_path / "site" / "parts").iterdir():
        part.unlink()
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    page.locator("a.row").first.click()
    page.wait_for_selector("#detail .error")
    assert "cannot be read" in page.locator("#detail .error").inner_text()
    page.locator("#find").fill("tide")
    until(page, "document.getElementById('count').textContent.includes('texts cannot be read')")
    context.close()


def test_what_was_not_read_is_listed(browser: Any, tmp_path: Path):
    suite(tmp_path)
    write(tmp_path, "odd/broken.yaml", "version: 2\ninteractions: [\n")
    assert main(["html", str(tmp_path / "tests"), "-o", str(tmp_path / "p.html")]) == 2
    with opened(browser, tmp_path / "p.html") as page:
        assert page.title().startswith("8 interactions of 6 cassettes, 1 other file")
        assert page.locator("#count").inner_text() == "9 shown"
        page.get_by_label("not read").check()
        assert names(page) == ["odd/broken.yaml"]
        page.locator("a.row").click()
        assert "broken.yaml:" in page.locator("#detail .error").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("keys", ["", "c", "r"])
def test_axe_finds_no_fault(browser: Any, files: dict[str, Path], scheme: str, width: int, keys: str):
    """No rule of axe-core is broken, contrast among them, in the list and in both views."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(files["file"].as_uri())
    until(page, "wordsRead")
    search(page, "tide")
    if keys:
        page.get_by_role("link", name="ebb.yaml #0").click()
        page.keyboard.press(keys)
        page.wait_for_selector(".turn" if keys == "c" else ".side")
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_phone_shows_one_thing_at_a_time(browser: Any, files: dict[str, Path]):
    with opened(browser, files["file"], width=390, shot="phone") as page:
        assert not page.get_by_label("chat/").is_visible()
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("chat/").check()
        page.get_by_text("Filters", exact=True).click()
        assert page.locator("header").bounding_box()["height"] < 100
        page.locator("a.row").last.scroll_into_view_if_needed()
        page.locator("a.row").last.click()
        page.wait_for_selector(".turn")
        assert not page.locator("#overview").is_visible()
        assert page.locator("#detail h2").bounding_box()["y"] >= 0
        page.get_by_role("button", name="Close").click()
        assert page.locator("#overview").is_visible()


def test_the_schemes_differ(browser: Any, files: dict[str, Path]):
    colours = []
    for scheme in ("light", "dark"):
        with opened(browser, files["file"], scheme=scheme) as page:
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


@pytest.mark.parametrize("form", ["p.html", "site"])
def test_thousands_are_listed_and_found(browser: Any, tmp_path: Path, form: str):
    for number in range(100):
        calls = [Call(ask(f"question {number} {at}"), chat(f"tide {at} of {number}, far out")) for at in range(50)]
        write(tmp_path, f"f{number % 7}/{number}.json", text_of(*calls))
    with opened(browser, made(tmp_path, form)) as page:
        until(page, "wordsRead")
        assert page.locator("#count").inner_text() == "5,000 shown"
        assert page.locator("a.row").count() <= 300
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.get_by_role("link", name="97.json #49").wait_for()
        page.evaluate("scrollTo(0, 0)")
        assert search(page, '"tide 49 of 83,"') == ["f6/83.json#49"]
        page.locator("a.row").click()
        page.wait_for_selector(".turn")
        assert "question 83 49" in page.locator("#detail").inner_text()
        page.locator("#find").fill("")
        until(page, "drawn === ''")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        until(page, "document.activeElement.row?.name.endsWith('83.json#49')")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        until(page, "document.querySelector('#title')?.innerText.includes('90.json#0')")

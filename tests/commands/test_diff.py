"""`cassette diff` as a user calls it: files, folders, git, every output, exit codes."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import markdown_it
import pytest

from cassette_cli.operations.diff.summary import FAIL_ON
from commands.conftest import govcr, interaction
from commands.git_support import Repo, make, quiet_git
from operations.diff_support import Call, ask, chat, streamed, text_of

Run = Callable[..., Any]
OLD = text_of(Call(ask("Say hello"), chat("Good day to you. The tide is low.")))
NEW = text_of(Call(ask("Say hello"), chat("Good night to you. The tide is low.")))
NOISE = text_of(Call(ask("Say hello"), {**chat("Good day to you. The tide is low."), "id": "chatcmpl-9"}))
OTHER = text_of(Call(ask("Another one"), chat("x")), Call(ask("And more"), chat("y")))


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    quiet_git(monkeypatch, tmp_path)
    made = make(tmp_path / "repo")
    monkeypatch.chdir(made.folder)
    return made


def states(out: str) -> dict[str, str]:
    """Return the state of each cassette of `--json`."""
    return {row["path"]: row["state"] for row in map(json.loads, out.splitlines())}


def outside_of_code(text: str) -> str:
    """Return what of Markdown stands in no code, as a reader of CommonMark sees it."""
    parser = markdown_it.MarkdownIt("commonmark").enable("table")
    found = []
    for token in parser.parse(text):
        for one in token.children or [token]:
            if one.type not in ("code_inline", "fence"):
                found.append(re.sub(r"<code>[^<]*</code>", "", one.content))
    return "\n".join(found)


class TestFiles:
    def test_two_files(self, cassette: Run, write: Run):
        result = cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW))
        assert result.code == 0
        assert '"Good day to you. The tide is low." → "Good night to you. The tide is low."' in result.out
        assert "changed · 1 interaction" in result.out

    def test_the_same_file(self, cassette: Run, write: Run):
        a = write("a.yaml", OLD)
        assert cassette("diff", a, a, "--exit-code").out == ""

    def test_noise_is_no_difference(self, cassette: Run, write: Run):
        result = cassette("diff", write("a.yaml", OLD), write("b.yaml", NOISE), "--exit-code")
        assert (result.code, result.out) == (0, "0 cassettes changed, 1 only in what is volatile\n")

    def test_noise_is_shown_with_all(self, cassette: Run, write: Run):
        out = cassette("diff", write("a.yaml", OLD), write("b.yaml", NOISE), "--all").out
        assert 'answer id (ids)  "chatcmpl-1" → "chatcmpl-9"' in out

    def test_exit_code(self, cassette: Run, write: Run):
        assert cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW), "--exit-code").code == 1

    def test_folders_are_paired_by_path(self, cassette: Run, write: Run, tmp_path: Path):
        for name, text in (("old/x/a.yaml", OLD), ("old/gone.yaml", OTHER), ("new/x/a.yaml", NEW),
                           ("new/come.yaml", OTHER),
                           ("old/same.yaml", OLD), ("new/same.yaml", OLD), ("old/n.yaml", OLD), ("new/n.yaml", NOISE),
                           ("old/other.yaml", "a: 1"), ("new/other.yaml", "a: 2")):  # fmt: skip
            write(name, text)
        result = cassette("diff", tmp_path / "old", tmp_path / "new", "--json")
        assert states(result.out) == {
            "come.yaml": "added",
            "gone.yaml": "deleted",
            "n.yaml": "volatile",
            "x/a.yaml": "changed",
        }

    def test_standard_input(self, cassette: Run, write: Run):
        assert "Good night" in cassette("diff", write("a.yaml", OLD), "-", stdin=NEW.encode()).out

    def test_a_file_that_is_no_cassette(self, cassette: Run, write: Run):
        result = cassette("diff", write("a.yaml", OLD), write("b.yaml", "a: 1"))
        assert result.code == 2
        assert "not a cassette" in result.err

    def test_a_folder_and_a_file(self, cassette: Run, write: Run, tmp_path: Path):
        result = cassette("diff", tmp_path, write("b.yaml", NEW))
        assert result.code == 2
        assert "is a folder" in result.err

    def test_what_cannot_be_read_does_not_keep_the_others(self, cassette: Run, write: Run, tmp_path: Path):
        for side, text in (("old", OLD), ("new", NEW)):
            write(f"{side}/a.yaml", text)
            write(f"{side}/b.yaml", f"interactions: [{side}")
        result = cassette("diff", tmp_path / "old", tmp_path / "new", "--name-only")
        assert (result.code, result.out) == (2, "a.yaml\n")
        assert "b.yaml" in result.err

    def test_an_added_interaction(self, cassette: Run, write: Run):
        out = cassette(
            "diff", write("a.yaml", OTHER), write("b.yaml", text_of(Call(ask("Another one"), chat("x"))))
        ).out
        assert "- #1 POST api.example.com/v1/chat/completions removed  200 · tide-1" in out

    def test_chosen_interactions(self, cassette: Run, write: Run):
        a = write("a.yaml", text_of(Call(ask("1"), chat("a")), Call(ask("2"), chat("b"))))
        b = write("b.yaml", text_of(Call(ask("1"), chat("c")), Call(ask("2"), chat("d"))))
        assert '"a" → "c"' not in cassette("diff", a, b, "-i", "1").out


class TestOutput:
    def test_words_are_marked_in_one_flow(self, cassette: Run, write: Run):
        long = "The tide comes in at noon and it goes out again before the evening bell. "
        a = write("a.yaml", text_of(Call(ask("x"), chat(long * 9 + "Then it is low."))))
        b = write("b.yaml", text_of(Call(ask("x"), chat(long * 9 + "Then it is high."))))
        assert "Then it is [-low-]{+high+}." in cassette("diff", a, b, "--word-diff").out
        lines = cassette("diff", a, b, "-U", "1").out.splitlines()
        kept = [line for line in lines if "evening bell" in line]
        assert len(kept) == 1
        assert "      … 8 sentences the same" in lines

    def test_stat_of_a_pipe(self, cassette: Run, write: Run):
        out = cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW), "--stat").out
        assert out.rstrip("\n").split("\t")[1:] == ["changed", "1", "0", "0", "0", "1", "1", "0", "0"]

    def test_json_is_the_contract_of_the_readme(self, cassette: Run, write: Run):
        row = json.loads(cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW), "--json").out)
        assert list(row) == [
            "path", "old_path", "new_path", "state", "remark", "categories", "stat", "volatile", "interactions",
        ]  # fmt: skip
        [one] = row["interactions"]
        assert list(one) == ["state", "moved", "old", "new", "changes", "volatile"]
        assert one["changes"] == [
            {"side": "response", "kind": "text", "path": "$.text", "old": "Good day to you. The tide is low.",
             "new": "Good night to you. The tide is low."}
        ]  # fmt: skip
        assert one["old"]["input_tokens"] == 5

    def test_summary_gathers_equal_changes(self, cassette: Run, write: Run, tmp_path: Path):
        for name in "abc":
            write(f"old/{name}.yaml", text_of(Call(ask(name), {**chat("x"), "model": "tide-1"})))
            write(f"new/{name}.yaml", text_of(Call(ask(name), {**chat("x"), "model": "tide-2"})))
        write("old/n.yaml", OLD)
        write("new/n.yaml", NOISE)
        out = cassette("diff", tmp_path / "old", tmp_path / "new", "--summary").out
        assert '  model  "tide-1" → "tide-2" · 3 cassettes · a.yaml#0 +2' in out
        assert "3 cassettes changed, 1 only in what is volatile" in out
        data = json.loads(cassette("diff", tmp_path / "old", tmp_path / "new", "--summary", "--json").out)
        assert data["volatile_only"] == ["n.yaml"]
        assert data["changes"][0]["places"] == ["a.yaml#0", "b.yaml#0", "c.yaml#0"]

    def test_model_status_and_tools_come_first(self, cassette: Run, write: Run):
        a = write("a.yaml", text_of(Call(ask("x"), chat("one")), Call(ask("y"), chat("two"), status=200)))
        b = write("b.yaml", text_of(Call(ask("x"), {**chat("1"), "model": "m"}), Call(ask("y"), chat("2"), status=500)))
        rows = re.findall(r"^  (model|status|text)  ", cassette("diff", a, b, "--summary").out, re.MULTILINE)
        assert rows == ["model", "status", "text", "text"]

    def test_markdown_leaves_recorded_markup_alone(self, cassette: Run, write: Run):
        hostile = "</details><script>alert(1)</script> `|` **b** ``` @everyone"
        a = write("a|b.yaml", text_of(Call(ask("x"), chat("plain " * 30))))
        b = write("c.yaml", text_of(Call(ask("x"), {**chat("plain " * 30 + "\n```\n" + hostile), "model": hostile})))
        out = cassette("diff", a, b, "--format", "markdown").out
        assert "````diff" in out
        outside = outside_of_code(out)
        for part in ("<script>", "@everyone", "alert", "**b**", "plain", "tide", "example.com"):
            assert part not in outside
        assert outside.count("<details>") == outside.count("</details>") == 1

    def test_markdown_stays_below_what_github_takes(self, cassette: Run, write: Run, tmp_path: Path):
        for n in range(60):
            for side in ("old", "new"):
                texts = "\n".join(f"{side} {n} line {i}" for i in range(60))
                write(f"{side}/{n}.yaml", text_of(Call(ask("x"), chat(texts))))
        out = cassette("diff", tmp_path / "old", tmp_path / "new", "--format", "markdown").out
        assert len(out) < 65536
        assert "too long for a comment" in out

    def test_control_characters_never_reach_the_terminal(self, cassette: Run, write: Run):
        a = write("a.yaml", text_of(Call(ask("x"), chat("one \x1b[31m two"))))
        b = write(
            "b.yaml",
            text_of(Call(ask("x"), chat("one \x1b]0;title\x07 two [bold]three[/]"), headers={"X-\x1b": "\x1b"})),
        )
        for shape in ([], ["--summary"], ["--stat"], ["--format", "markdown"], ["--format", "html"], ["--word-diff"]):
            out = cassette("diff", a, b, *shape).out
            assert "\x1b" not in out
            assert "\x07" not in out

    def test_a_repeated_change_of_the_request_is_told_once(self, cassette: Run, write: Run):
        def calls(name: str) -> str:
            return text_of(*(Call({"system": f"You are {name}, at your service", **ask(str(n))}) for n in range(4)))

        out = cassette("diff", write("a.yaml", calls("Ada")), write("b.yaml", calls("Grace"))).out
        assert out.count("You are Grace") == 1
        assert out.count("1 change as in #0") == 3

    def test_secrets_are_masked(self, cassette: Run, write: Run):
        fake = "sk-" + "Fake4f9a8b7c6d5e" * 2
        a = write("a.yaml", text_of(Call(ask("x"), sent={"Authorization": f"Bearer {fake}"})))
        b = write("b.yaml", text_of(Call(ask("x"), sent={"Authorization": "Bearer REDACTED"})))
        for shape in ([], ["--json"], ["--all"], ["--summary"], ["--format", "html"], ["--format", "markdown"]):
            out = cassette("diff", a, b, *shape).out
            assert fake not in out
            assert "REDACTED" in out
            assert "uthorization" in out

    def test_ignore_from_the_settings(self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        write("pyproject.toml", "[tool.cassette.diff]\nignore = ['text']\n")
        assert cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW), "--exit-code").code == 0
        write("pyproject.toml", "[tool.cassette.diff]\nignored = ['text']\n")
        result = cassette("diff", "a.yaml", "b.yaml")
        assert result.code == 2
        assert "ignored is unknown" in result.err


class TestChoosingCategories:
    A = text_of(Call(ask("x"), chat("one")))
    B = text_of(Call(ask("x"), {**chat("two"), "model": "tide-2"}, headers={"X-Shard": "1"}))

    @pytest.mark.parametrize("style", [[], ["--json"], ["--format", "markdown"], ["--format", "html"], ["--summary"]])
    def test_only_and_except_hold_in_every_form(self, cassette: Run, write: Run, style: list[str]):
        a, b = write("a.yaml", self.A), write("b.yaml", self.B)
        out = cassette("diff", a, b, *style, "--only", "model,header").out
        assert "tide-2" in out
        assert "x-shard" in out
        assert "two" not in out
        out = cassette("diff", a, b, *style, "--except", "model,header").out
        assert "two" in out
        assert "x-shard" not in out

    def test_what_is_left_out_is_said_and_is_not_called_volatile(self, cassette: Run, write: Run):
        result = cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), "--only", "status", "--exit-code")
        assert result.out == "0 cassettes changed, 1 only in parts left out\n"
        assert result.code == 0

    @pytest.mark.parametrize("chosen", [("--host", "nobody.example.com"), ("--status", "500"), ("--method", "PUT")])
    def test_what_no_filter_chose_is_not_called_volatile(self, cassette: Run, write: Run, chosen: tuple[str, str]):
        result = cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), *chosen, "--fail-on", "volatile")
        assert (result.code, result.out) == (0, "0 cassettes changed, 1 only in parts left out\n")

    def test_an_equal_interaction_beside_one_that_changed_is_not_called_volatile(self, cassette: Run, write: Run):
        same = interaction("'kept'")
        a = write("a.yaml", govcr(interaction("'old'"), same))
        b = write("b.yaml", govcr(interaction("'new'"), same))
        result = cassette("diff", a, b, "-i", "1")
        assert (result.code, result.out) == (0, "0 cassettes changed, 1 only in parts left out\n")
        assert "1 interaction" in cassette("diff", a, b, "-i", "0").out

    def test_a_category_that_is_none(self, cassette: Run, write: Run):
        for option in ("--only", "--except", "--fail-on"):
            result = cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), option, "weather")
            assert result.code == 2
            assert f"invalid {option} 'weather'" in result.err

    @pytest.mark.parametrize(
        "options",
        [["--stat", "--json"], ["--stat", "--summary"], ["--name-only", "--stat"], ["--name-only", "--format", "html"],
         ["--json", "--format", "markdown"], ["--json", "--word-diff"], ["--conflict", "--staged"],
         ["--format", "pdf"], ["--ignore", "$[bad"], ["--strict", "$.."], ["--explain", "$"]],
    )  # fmt: skip
    def test_options_that_exclude_each_other(self, cassette: Run, write: Run, options: list[str]):
        result = cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), *options)
        assert (result.code, result.out) == (2, "")


class TestVolatile:
    A = text_of(Call(ask("x"), chat("one"), headers={"Vary": "Origin", "X-Request-Id": "a"}))
    B = text_of(Call(ask("x"), {**chat("two"), "created": 1800000000}, headers={"Vary": "*", "X-Request-Id": "b"}))

    def test_rules_are_listed(self, cassette: Run):
        out = cassette("diff", "--rules").out
        assert re.search(r"^transport  .*negotiates", out, re.MULTILINE)
        rules = [json.loads(line) for line in cassette("diff", "--rules", "--json").out.splitlines()]
        assert {"ids", "client-versions"} <= {rule["name"] for rule in rules}
        assert all(list(rule) == ["name", "about", "headers", "keys"] for rule in rules)

    def test_json_names_the_rule_of_each_difference(self, cassette: Run, write: Run):
        row = json.loads(cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), "--json").out)
        assert row["volatile"] == {"times": 1, "transport": 1, "request-ids": 1}
        [one] = row["interactions"]
        assert {change["path"]: change["rule"] for change in one["volatile"]} == {
            "$.created": "times", "$.vary": "transport", "$.x-request-id": "request-ids",
        }  # fmt: skip

    def test_a_place_is_explained(self, cassette: Run, write: Run):
        out = cassette("diff", write("a.yaml", self.A), write("b.yaml", self.B), "--explain", "$.created").out
        assert "answer created (times)  1700000000 → 1800000000" in out
        assert "vary" not in out
        assert '"one"' not in out

    def test_a_rule_is_overridden(self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        a, b = write("a.yaml", self.A), write("b.yaml", self.B)
        assert "header vary" in cassette("diff", a, b, "--strict", "transport").out
        assert "header vary" in cassette("diff", a, b, "--strict", "vary").out
        assert "created" in cassette("diff", a, b, "--strict", "all").out
        monkeypatch.chdir(tmp_path)
        write("pyproject.toml", "[tool.cassette.diff]\nstrict = ['times', '$..vary']\n")
        out = cassette("diff", a, b).out
        assert "created" in out
        assert "header vary" in out
        assert "x-request-id" not in out

    def test_fail_on_volatile(self, cassette: Run, write: Run):
        a, b = write("a.yaml", OLD), write("b.yaml", NOISE)
        assert cassette("diff", a, b, "--exit-code").code == 0
        assert cassette("diff", a, b, "--fail-on", "volatile").code == 1
        assert cassette("diff", a, a, "--fail-on", "volatile").code == 0

    def test_a_file_that_is_written_differently_is_said_to_be(self, cassette: Run, write: Run):
        a, b = write("a.yaml", OLD), write("b.yaml", OLD + "\n")
        assert json.loads(cassette("diff", a, b, "--json").out)["volatile"] == {"layout": 1}


class TestSummary:
    def folders(self, write: Run, tmp_path: Path, count: int = 8) -> list[Path]:
        for n in range(count):
            sent = ({"User-Agent": "OpenAI/Go 2.7.1"}, {"User-Agent": "Tide/0.12"})
            write(f"old/t{n}/a.yaml", text_of(Call(ask(f"Tell {n}"), chat(f"one {n}"), sent=sent[0])))
            write(f"new/t{n}/a.yaml", text_of(Call(ask(f"Tell {n}"), chat(f"and two {n}"), sent=sent[1])))
        write("old/gone.yaml", text_of(Call(ask("Gone"), {**chat("x"), "model": "ebb-4"})))
        write("new/come.yaml", text_of(Call(ask("Come"), {**chat("y"), "model": "flood-5"})))
        return [tmp_path / "old", tmp_path / "new"]

    @pytest.mark.parametrize("style", ["text", "markdown", "html"])
    def test_past_a_handful_every_form_opens_with_the_summary(
        self, cassette: Run, write: Run, tmp_path: Path, style: str
    ):
        out = cassette("diff", *self.folders(write, tmp_path), "--format", style).out
        assert "10 cassettes changed" in out
        assert 0 < out.index("user-agent") < out.index("one 0")
        assert out.index("8 of 8") < out.index("one 0")
        assert "ebb-4 removed (1), flood-5 added (1)" in out
        assert "8 answers (16 -&gt; 24 words" in out or "8 answers (16 -> 24 words" in out

    def test_few_cassettes_have_none(self, cassette: Run, write: Run, tmp_path: Path):
        assert "8 of 8" not in cassette("diff", *self.folders(write, tmp_path, 3)).out

    @pytest.mark.parametrize("style", ["text", "markdown", "html", "json"])
    def test_the_summary_alone(self, cassette: Run, write: Run, tmp_path: Path, style: str):
        out = cassette("diff", *self.folders(write, tmp_path), "--summary", "--format", style).out
        assert "Tide/0.12" in out
        assert "Tell 3" not in out
        if style == "json":
            data = json.loads(out)
            assert data["models"] == {"removed": {"ebb-4": 1}, "added": {"flood-5": 1}}
            assert data["changes"][0]["what"] == "request header user-agent"
            assert data["changes"][0]["interactions"] == data["compared"] == 8

    def test_places_are_the_shortest_that_tell(self, cassette: Run, write: Run, tmp_path: Path):
        lines = cassette("diff", *self.folders(write, tmp_path), "--summary").out.splitlines()
        assert any("t0/a.yaml#0 +7" in line for line in lines)
        assert f"see one: cassette diff {tmp_path}/old/t0/a.yaml {tmp_path}/new/t0/a.yaml" in lines[-1]

    def test_signs_are_ascii_and_values_are_cut_around_what_differs(self, cassette: Run, write: Run):
        long = "The weather report for the whole of the northern coast this coming Monday says that it will be "
        a = write("a.yaml", text_of(Call({"format": 1, **ask("x")}, chat(long * 3 + "sunny"))))
        b = write("b.yaml", text_of(Call({"config": 1, **ask("x")}, chat(long * 3 + "stormy"))))
        out = cassette("diff", a, b, "--summary").out
        assert re.search(r"request format  - 1\b", out)
        assert re.search(r"request config  \+ 1\b", out)
        assert "sunny" in out
        assert "stormy" in out

    def test_usage_is_gathered(self, cassette: Run, write: Run, tmp_path: Path):
        for n in range(4):
            for side, tokens in (("old", 100), ("new", 150)):
                usage = {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": tokens + 5}
                write(f"{side}/{n}.yaml", text_of(Call(ask(str(n)), {**chat("x"), "usage": usage})))
        out = cassette("diff", tmp_path / "old", tmp_path / "new", "--summary").out
        assert "output tokens +50 % (400 -> 600) over 4 interactions" in out
        assert len(out.splitlines()) == 2


class TestExcerpts:
    A = text_of(Call(ask("Say hello"), chat("Hello")))
    TOOL: ClassVar = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "tide_at", "arguments": '{"port": "Ebb"}'},
    }
    B = text_of(
        Call(ask("Say hello"), chat("Hello")),
        Call(
            ask("Name the tide", "Neap", "And when?"),
            chat("\n".join(f"line {n}" for n in range(30)), tool_calls=[TOOL]),
        ),
    )

    @pytest.mark.parametrize("style", ["text", "markdown", "html", "json"])
    @pytest.mark.parametrize("turned", [False, True])
    def test_what_stands_alone_shows_what_it_says(self, cassette: Run, write: Run, style: str, turned: bool):
        a, b = write("a.yaml", self.A), write("b.yaml", self.B)
        out = cassette("diff", *((b, a) if turned else (a, b)), "--format", style).out
        for text in ("And when?", "line 0", "tide_at", "port"):
            assert text in out
        assert "Name the tide" not in out

    def test_long_ones_are_folded_and_brief_is_a_line(self, cassette: Run, write: Run):
        a, b = write("a.yaml", self.A), write("b.yaml", self.B)
        out = cassette("diff", a, b).out
        assert "    +   … 22 more lines" in out
        assert "line 29" in cassette("diff", a, b, "--all").out
        for style in ("text", "markdown", "html"):
            assert "And when?" not in cassette("diff", a, b, "--brief", "--format", style).out

    def test_secrets_in_them_are_masked(self, cassette: Run, write: Run):
        fake = "sk-" + "Fake4f9a8b7c6d5e" * 2
        b = write("b.yaml", text_of(Call(ask("Say hello"), chat("Hello")), Call(ask(f"Use {fake}"), chat(fake))))
        for style in ("text", "markdown", "html", "json"):
            assert fake not in cassette("diff", write("a.yaml", self.A), b, "--format", style).out


class TestTerminal:
    """A terminal is a pseudo-terminal here: what a person sees, colours and pager included."""

    def run(self, *args: str, columns: int = 80, **env: str) -> str:
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("PAGER", "NO_COLOR", "CI", "COLUMNS")}
        process = subprocess.Popen(
            [sys.executable, "-m", "cassette_cli", "diff", *args], stdin=side, stdout=side, stderr=side,
            env=kept | {"TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(sys.path), **env},
        )  # fmt: skip
        os.close(side)
        out = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        os.close(main)
        assert process.wait(60) == 0
        return out.decode().replace("\r\n", "\n")

    def pair(self, write: Run) -> tuple[str, str]:
        long = "The tide comes in at noon, and it goes out again before the evening bell is heard over the bay. " * 2
        old, new = (text_of(Call(ask("x"), chat(long + end))) for end in ("It is low.", "It is high."))
        return str(write("a.yaml", old)), str(write("b.yaml", new))

    @pytest.mark.parametrize("columns", [80, 120])
    def test_lines_fit_the_terminal(self, write: Run, columns: int):
        out = self.run(*self.pair(write), columns=columns, CASSETTE_PAGER="cat")
        assert "\x1b[" in out
        lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
        assert max(map(len, lines)) <= columns
        assert any(line.startswith("      + It is high.") for line in lines)

    def test_the_pager_gets_colours(self, write: Run):
        out = self.run(*self.pair(write), CASSETTE_PAGER="sed s/^/PAGED:/", PAGER="false")
        assert all(line.startswith("PAGED:") for line in out.splitlines())
        assert "\x1b[" in out

    @pytest.mark.parametrize("columns", [80, 120])
    @pytest.mark.parametrize("shape", ["--stat", "--summary"])
    def test_rows_fit_the_terminal_and_stat_is_aligned(self, write: Run, tmp_path: Path, columns: int, shape: str):
        for n in range(12):
            for side in ("old", "new"):
                name = f"{side}/a/rather/long/folder/of/{'cassettes' * (n % 3)}/recorded_in_test_number_{n * 997}.yaml"
                write(name, text_of(Call(ask("x", top_p=side), chat(f"{side} " * (n + 1)))))
        out = self.run(str(tmp_path / "old"), str(tmp_path / "new"), shape, columns=columns, CASSETTE_PAGER="cat")
        lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
        assert max(map(len, lines)) <= columns
        if shape == "--stat":
            assert len({line.index("|") for line in lines[:-1]}) == 1
            assert len({line.index("changed") for line in lines[:-1]}) == 1

    def test_no_pager(self, write: Run):
        assert "PAGED" not in self.run(*self.pair(write), "--no-pager", CASSETTE_PAGER="sed s/^/PAGED:/")

    def test_a_pager_that_is_not_there_or_leaves(self, write: Run):
        pair = self.pair(write)
        assert "It is" in self.run(*pair, CASSETTE_PAGER="no-such-pager-here")
        assert "Traceback" not in self.run(*pair, "--all", CASSETTE_PAGER="true")

    def test_no_color(self, write: Run):
        assert not re.search(r"\x1b\[[0-9;]*3\d", self.run(*self.pair(write), CASSETTE_PAGER="cat", NO_COLOR="1"))


class TestFailOn:
    @pytest.mark.parametrize(
        ("what", "old", "new"),
        [
            ("request", Call(ask("a b c")), Call(ask("a b d"))),
            ("status", Call(ask("a")), Call(ask("a"), status=500)),
            ("model", Call(ask("a"), chat("x")), Call(ask("a"), {**chat("x"), "model": "other"})),
            ("finish", Call(ask("a"), streamed("x")), Call(ask("a"), streamed("x", finish="length"))),
            ("text", Call(ask("a"), chat("x")), Call(ask("a"), chat("y"))),
            ("secrets", Call(ask("a")), Call(ask("a"), sent={"X-Api-Key": "sk-" + "Fake4f9a8b7c6d5e" * 2})),
            ("interactions", Call(ask("a"), chat("x")), None),
            ("tool-calls", Call(ask("a"), chat("")),
             Call(ask("a"), chat("", tool_calls=[{"id": "1", "function": {"name": "f", "arguments": "{}"}}]))),
        ],
    )  # fmt: skip
    def test_only_what_was_asked_for_fails(self, cassette: Run, write: Run, what: str, old: Call, new: Call | None):
        a, b = write("a.yaml", text_of(old)), write("b.yaml", text_of(*([] if new is None else [new])))
        others = [name for name in FAIL_ON if name not in (what, *(("request", "header") if what == "secrets" else ()))]
        failed = cassette("diff", a, b, "--fail-on", what)
        assert failed.code == 1
        assert f"cassette: changed: {what}\n" in failed.err
        assert cassette("diff", a, b, "--fail-on", ",".join(others)).code == 0

    def test_unknown(self, cassette: Run, write: Run):
        assert cassette("diff", write("a.yaml", OLD), write("b.yaml", NEW), "--fail-on", "weather").code == 2


class TestGit:
    def test_working_tree_against_index(self, cassette: Run, repo: Repo):
        repo.write("t/a.yaml", OLD)
        repo.commit()
        assert cassette("diff", "--exit-code").code == 0
        repo.write("t/a.yaml", NEW)
        assert states(cassette("diff", "--json").out) == {"t/a.yaml": "changed"}
        repo.git("add", "-A")
        assert cassette("diff", "--json").out == ""

    def test_staged_reads_the_index_and_not_the_working_tree(self, cassette: Run, repo: Repo):
        repo.write("a.yaml", OLD)
        repo.commit()
        repo.write("a.yaml", NEW)
        repo.git("add", "-A")
        repo.write("a.yaml", OTHER)
        out = cassette("diff", "--staged").out
        assert "Good night" in out
        assert "Another" not in out

    def test_a_first_commit(self, cassette: Run, repo: Repo):
        repo.write("a.yaml", OLD)
        repo.git("add", "-A")
        assert states(cassette("diff", "--staged", "--json").out) == {"a.yaml": "added"}
        first = repo.commit()
        assert states(cassette("diff", f"{first}^..{first}", "--json").out) == {"a.yaml": "added"}
        assert states(cassette("diff", "HEAD~1", "--json").out) == {"a.yaml": "added"}

    def test_a_revision_and_ranges(self, cassette: Run, repo: Repo):
        repo.write("a.yaml", OLD)
        repo.write("b.yaml", OTHER)
        repo.commit()
        repo.git("checkout", "-q", "-b", "side")
        repo.write("a.yaml", NEW)
        repo.commit()
        repo.git("checkout", "-q", "main")
        repo.write("b.yaml", OLD)
        repo.commit()
        assert states(cassette("diff", "main", "side", "--json").out) == {"a.yaml": "changed", "b.yaml": "changed"}
        assert states(cassette("diff", "main..side", "--json").out) == {"a.yaml": "changed", "b.yaml": "changed"}
        assert states(cassette("diff", "main...side", "--json").out) == {"a.yaml": "changed"}
        assert states(cassette("diff", "main..side", "--json", "--", "b.yaml").out) == {"b.yaml": "changed"}
        assert states(cassette("diff", "side", "b.yaml", "--json").out) == {"b.yaml": "changed"}
        repo.git("merge", "-q", "side", "-m", "merge")
        assert states(cassette("diff", "HEAD^..HEAD", "--json").out) == {"a.yaml": "changed"}

    def test_renames_deletes_and_additions(self, cassette: Run, repo: Repo):
        repo.write("old name.yaml", OTHER)
        repo.write("gone.yaml", OLD)
        repo.commit()
        repo.git("mv", "old name.yaml", "new näme.yaml")
        repo.git("rm", "-q", "gone.yaml")
        repo.write("come 'x'.yaml", text_of(*(Call({"n": n}, f"{n} " * 99, method="PUT") for n in range(9))))
        repo.commit()
        rows = {
            row["path"]: row for row in map(json.loads, cassette("diff", "HEAD^", "HEAD", "--json").out.splitlines())
        }
        assert {path: row["state"] for path, row in rows.items()} == {
            "come 'x'.yaml": "added", "gone.yaml": "deleted", "new näme.yaml": "renamed",
        }  # fmt: skip
        assert rows["new näme.yaml"]["old_path"] == "old name.yaml"
        out = cassette("diff", "HEAD^", "HEAD").out
        assert "new näme.yaml  renamed from old name.yaml" in out
        assert "gone.yaml  deleted" in out
        assert "- #0 POST api.example.com/v1/chat/completions removed" in out

    def test_what_git_holds_is_named(self, cassette: Run, repo: Repo):
        repo.write("t/a.yaml", OLD)
        repo.commit()
        repo.write("t/a.yaml", NEW)
        assert "Good night" in cassette("diff", "HEAD:t/a.yaml", "t/a.yaml").out
        assert "Good night" in cassette("diff", ":t/a.yaml", "-", stdin=NEW.encode()).out
        assert cassette("diff", "HEAD:t/a.yaml", ":t/a.yaml", "--exit-code").code == 0
        result = cassette("diff", "HEAD:t/b.yaml", "t/a.yaml")
        assert result.code == 2
        assert "names no file in git" in result.err

    def test_pipes_are_sides(self, cassette: Run, repo: Repo, tmp_path: Path):
        os.mkfifo(tmp_path / "pipe")
        writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(NEW.encode(),))
        writer.start()
        assert "Good night" in cassette("diff", repo.write("a.yaml", OLD), tmp_path / "pipe").out
        writer.join()

    def conflict(self, repo: Repo, ours: str, theirs: str | None) -> None:
        repo.write("t/a.yaml", OTHER)
        repo.write("t/b.yaml", OLD)
        repo.commit()
        repo.git("checkout", "-q", "-b", "side")
        if theirs is None:
            repo.git("rm", "-q", "t/a.yaml")
        else:
            repo.write("t/a.yaml", theirs)
        repo.commit()
        repo.git("checkout", "-q", "main")
        repo.write("t/a.yaml", ours)
        repo.commit()
        repo.git("merge", "-q", "side", check=False)

    def test_a_conflict_is_ours_against_theirs(self, cassette: Run, repo: Repo):
        self.conflict(repo, OLD, NEW)
        repo.write("t/b.yaml", NEW)
        for args in (["--conflict"], ["t/a.yaml"], ["--conflict", "t/a.yaml"], ["--", "t/a.yaml"]):
            result = cassette("diff", *args)
            assert result.code == 0
            assert '"Good day to you. The tide is low." → "Good night to you. The tide is low."' in result.out
            assert "git checkout --ours|--theirs -- t/a.yaml" in result.err
            assert "b.yaml" not in result.out
        assert states(cassette("diff", "--json").out) == {"t/a.yaml": "changed", "t/b.yaml": "changed"}
        assert "Good night" in cassette("diff", ":2:t/a.yaml", ":3:t/a.yaml").out
        repo.git("checkout", "--theirs", "t/a.yaml")
        repo.git("add", "t/a.yaml")
        assert cassette("diff", "--conflict").out == ""

    def test_a_conflict_with_a_deletion(self, cassette: Run, repo: Repo):
        self.conflict(repo, OLD, None)
        result = cassette("diff", "--conflict", "--json")
        assert states(result.out) == {"t/a.yaml": "deleted"}
        assert "deleted in theirs" in result.err

    def test_submodules_and_links_are_passed_over(self, cassette: Run, repo: Repo, tmp_path: Path):
        inner = make(tmp_path / "inner")
        inner.write("a.yaml", OLD)
        inner.commit()
        repo.write("a.yaml", OLD)
        repo.commit()
        repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.folder), "sub.yaml")
        (repo.folder / "link.yaml").symlink_to("a.yaml")
        repo.write("a.yaml", NEW)
        repo.commit()
        assert states(cassette("diff", "HEAD^", "HEAD", "--json").out) == {"a.yaml": "changed"}

    def test_from_a_subfolder_a_worktree_and_a_bare_repository(
        self, cassette: Run, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        repo.write("t/a.yaml", OLD)
        repo.commit()
        repo.write("t/a.yaml", NEW)
        repo.commit()
        monkeypatch.chdir(repo.folder / "t")
        assert states(cassette("diff", "HEAD^", "HEAD", "--json", "--", "a.yaml").out) == {"t/a.yaml": "changed"}
        repo.git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other", "HEAD^")
        monkeypatch.chdir(tmp_path / "tree")
        assert states(cassette("diff", "main", "--json").out) == {"t/a.yaml": "changed"}
        repo.git("clone", "-q", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
        monkeypatch.chdir(tmp_path / "bare.git")
        assert states(cassette("diff", "main^..main", "--json").out) == {"t/a.yaml": "changed"}
        result = cassette("diff")
        assert result.code == 2
        assert "bare" in result.err

    def test_names_that_are_both(self, cassette: Run, repo: Repo):
        repo.write("main", OLD)
        repo.write("a.yaml", OLD)
        repo.commit()
        result = cassette("diff", "main")
        assert result.code == 2
        assert "put --" in result.err
        assert cassette("diff", "main", "--").code == 0

    def test_a_name_that_is_nothing(self, cassette: Run, repo: Repo):
        repo.commit()
        for args in (["nothing"], ["nothing..main"], ["--output=x"], ["main", "-x"]):
            result = cassette("diff", *args)
            assert result.code == 2
            assert "Traceback" not in result.err
        assert not (repo.folder / "x").exists()

    def test_options_are_never_smuggled_into_git(self, cassette: Run, repo: Repo):
        repo.commit()
        result = cassette("diff", "--", "--output=x")
        assert result.code == 0
        assert not (repo.folder / "x").exists()

    def test_outside_of_a_repository(self, cassette: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        quiet_git(monkeypatch, tmp_path)
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        result = cassette("diff")
        assert result.code == 2
        assert "not in a git repository" in result.err

    def test_without_git(self, cassette: Run, repo: Repo, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("PATH", "/nonexistent")
        result = cassette("diff")
        assert result.code == 2
        assert "git is not installed" in result.err

    def test_the_callers_settings_change_nothing(self, cassette: Run, repo: Repo, monkeypatch: pytest.MonkeyPatch):
        repo.write("ä.yaml", OLD)
        repo.commit()
        repo.write("ä.yaml", NEW)
        for key, value in (("diff.noprefix", "true"), ("diff.external", "false"), ("color.ui", "always"),
                           ("diff.relative", "true"), ("diff.renames", "false"), ("core.quotepath", "on")):  # fmt: skip
            repo.git("config", key, value)
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
        assert states(cassette("diff", "--json").out) == {"ä.yaml": "changed"}

    def test_as_a_hook(self, cassette: Run, repo: Repo, monkeypatch: pytest.MonkeyPatch):
        first = repo.commit()
        repo.write("a.yaml", OLD)
        repo.git("add", "-A")
        assert states(cassette("diff", "--pre-commit", "--json").out) == {"a.yaml": "added"}
        second = repo.commit()
        assert cassette("diff", "--pre-commit").out == ""
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", second)
        assert states(cassette("diff", "--pre-commit", "--json").out) == {"a.yaml": "added"}
        assert cassette("diff", "--pre-commit", "--fail-on", "interactions").code == 1

"""`cassette git` and `cassette textconv`: what the real git shows with them, and that nothing is left behind."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.operations.textconv import VIEW, convert
from commands.git_support import Repo, make, quiet_git
from operations.diff_support import Call, ask, chat, streamed, text_of

Run = Callable[..., Any]
OLD = text_of(Call(ask("Say hello"), streamed("Good day ", "to you. ", "The tide is low.")))
NEW = text_of(Call(ask("Say hello"), streamed("Good night to", " you. The tide", " is low.", ident="chatcmpl-x")))


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    quiet_git(monkeypatch, tmp_path)
    made = make(tmp_path / "repo")
    monkeypatch.chdir(made.folder)
    return made


class TestInstall:
    def test_git_diff_show_log_and_blame_read_cassettes(self, cassette: Run, repo: Repo):
        repo.write("cassettes/a.yaml", OLD)
        repo.commit("one")
        repo.write("cassettes/a.yaml", NEW)
        assert cassette("git", "install").code == 0
        shown = [line for line in repo.git("diff").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        assert shown == ["-<   Good day to you. ", "+<   Good night to you. "]
        assert "@@ POST https://api.example.com/v1/chat/completions 200" in repo.git("diff", "-U0")
        repo.commit("two")
        for command in (["show"], ["log", "-p", "-1"]):
            assert "+<   Good night to you." in repo.git(*command)
        blame = repo.git("blame", "--textconv", "cassettes/a.yaml")
        assert re.search(r"Ada .*\) <   Good night to you\.", blame)

    def test_it_is_idempotent_and_undone_to_the_byte(self, cassette: Run, repo: Repo):
        config = repo.folder / ".git" / "config"
        attributes = repo.write(".gitattributes", "*.png binary\n# mine, without a line end")
        before = config.read_bytes(), attributes.read_bytes()
        cassette("git", "install")
        during = config.read_bytes(), attributes.read_bytes()
        assert during != before
        assert attributes.read_bytes().startswith(before[1] + b"\n")
        assert "already" in cassette("git", "install").out
        assert (config.read_bytes(), attributes.read_bytes()) == during
        cassette("git", "uninstall")
        assert (config.read_bytes(), attributes.read_bytes()) == before
        assert cassette("git", "uninstall").out == "nothing was installed\n"

    @pytest.mark.parametrize("text", ["", "a b\n", "a b\r\nc d\r\n", "a b\r\nc d", "# no end"])
    def test_attributes_of_others_stay(self, cassette: Run, repo: Repo, text: str):
        path = repo.write(".gitattributes", text)
        cassette("git", "install")
        assert "diff=cassette" in path.read_text()
        cassette("git", "uninstall")
        assert path.read_bytes() == text.encode()

    def test_lines_that_were_added_behind_the_block_stay(self, cassette: Run, repo: Repo):
        cassette("git", "install")
        path = repo.folder / ".gitattributes"
        path.write_bytes(path.read_bytes() + b"*.txt text\n")
        cassette("git", "uninstall")
        assert path.read_bytes() == b"*.txt text\n"

    def test_a_file_of_ours_goes_with_the_block(self, cassette: Run, repo: Repo):
        cassette("git", "install")
        cassette("git", "uninstall")
        assert not (repo.folder / ".gitattributes").exists()

    def test_settings_of_others_stay(self, cassette: Run, repo: Repo):
        repo.git("config", "diff.cassette.cachetextconv", "false")
        cassette("git", "install")
        assert repo.git("config", "diff.cassette.cachetextconv").strip() == "false"
        cassette("git", "uninstall")
        assert repo.git("config", "diff.cassette.cachetextconv").strip() == "false"
        assert repo.git("config", "diff.cassette.textconv", check=False) == ""

    def test_a_textconv_of_others_is_not_replaced(self, cassette: Run, repo: Repo):
        repo.git("config", "diff.cassette.textconv", "cat")
        result = cassette("git", "install")
        assert result.code == 2
        assert "set to something else" in result.err
        assert not (repo.folder / ".gitattributes").exists()

    def test_local_overrides_a_committed_minus_diff(self, cassette: Run, repo: Repo):
        repo.write(".gitattributes", "*.yaml -diff\n")
        repo.write("cassettes/a.yaml", OLD)
        repo.commit()
        repo.write("cassettes/a.yaml", NEW)
        assert "Binary files" in repo.git("diff")
        cassette("git", "install", "--local")
        assert "+<   Good night to you." in repo.git("diff")
        assert repo.git("status", "--short").split() == ["M", "cassettes/a.yaml"]
        cassette("git", "uninstall", "--local")
        assert "Binary files" in repo.git("diff")

    def test_global(self, cassette: Run, repo: Repo, tmp_path: Path):
        repo.write("cassettes/a.yaml", OLD)
        repo.commit()
        repo.write("cassettes/a.yaml", NEW)
        cassette("git", "install", "--global")
        assert (tmp_path / "home" / ".config" / "git" / "attributes").exists()
        assert "+<   Good night to you." in repo.git("diff")
        assert cassette("git", "status").code == 0
        cassette("git", "uninstall", "--global")
        assert not (tmp_path / "home" / ".config" / "git" / "attributes").exists()
        assert (tmp_path / "home" / ".gitconfig").read_text().strip() == ""

    def test_patterns(self, cassette: Run, repo: Repo):
        cassette("git", "install", "--pattern", "recorded/*.json", "--pattern", "my tapes/*.yaml")
        attributes = repo.git("check-attr", "diff", "--", "recorded/a.json", "my tapes/b.yaml", "cassettes/c.yaml")
        assert [line.rpartition(" ")[2] for line in attributes.splitlines()] == ["cassette", "cassette", "unspecified"]
        cassette("git", "install")
        assert "recorded" in (repo.folder / ".gitattributes").read_text()

    def test_status(self, cassette: Run, repo: Repo):
        assert cassette("git", "status").code == 1
        cassette("git", "install")
        assert cassette("git", "status").code == 0
        repo.git("config", "diff.cassette.textconv", "cassette textconv --view 0")
        result = cassette("git", "status", "--json")
        assert result.code == 1
        assert json.loads(result.out)["works"] is False
        cassette("git", "install")
        assert cassette("git", "status").code == 0

    def test_the_cache_goes_with_the_view_and_with_uninstall(self, cassette: Run, repo: Repo):
        repo.write("cassettes/a.yaml", OLD)
        repo.commit()
        repo.write("cassettes/a.yaml", NEW)
        repo.commit()
        cassette("git", "install")
        repo.git("log", "-p")
        assert repo.git("for-each-ref", "refs/notes/textconv")
        cassette("git", "uninstall")
        assert not repo.git("for-each-ref", "refs/notes/textconv")

    def test_from_a_worktree(self, cassette: Run, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        repo.commit()
        repo.git("worktree", "add", "-q", str(tmp_path / "tree"))
        monkeypatch.chdir(tmp_path / "tree")
        cassette("git", "install", "--local")
        assert (repo.folder / ".git" / "info" / "attributes").exists()
        cassette("git", "uninstall", "--local")
        assert "diff=cassette" not in "".join(
            path.read_text() for path in (repo.folder / ".git" / "info").glob("attributes")
        )

    def test_difftool(self, cassette: Run, repo: Repo):
        repo.write("cassettes/a.yaml", OLD)
        repo.commit()
        repo.write("cassettes/a.yaml", NEW)
        cassette("git", "install")
        done = subprocess.run(
            ["git", "difftool", "-y", "-t", "cassette"], cwd=repo.folder, capture_output=True, check=True
        )
        assert "Good night to you" in done.stdout.decode()

    def test_git_merges_no_cassette_as_text(self, cassette: Run, repo: Repo):
        lines = json.dumps(json.loads(OLD), indent=1)
        repo.write("cassettes/a.json", lines)
        cassette("git", "install")
        repo.commit("one")
        repo.git("checkout", "-q", "-b", "side")
        repo.write("cassettes/a.json", lines.replace('"duration": "12.5ms"', '"duration": "99ms"'))
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        repo.write("cassettes/a.json", lines.replace('"version": 2', '"version": 1'))
        repo.commit("ours")
        repo.git("merge", "-q", "side", check=False)
        assert repo.git("status", "--short").startswith("UU")
        assert "99ms" not in (repo.folder / "cassettes/a.json").read_text()
        cassette("git", "uninstall")
        repo.git("merge", "--abort")

    def test_status_runs_what_git_would_run(self, cassette: Run, repo: Repo, tmp_path: Path):
        cassette("git", "install")
        assert "that command works" in cassette("git", "status").out
        (tmp_path / "bin" / "cassette").write_text("#!/bin/sh\necho broken >&2; exit 3\n")
        result = cassette("git", "status")
        assert result.code == 1
        assert "that command does not work: it ends with 3, broken" in result.out
        (tmp_path / "bin" / "cassette").write_text("#!/bin/sh\necho something else\n")
        assert "prints no text of a cassette" in cassette("git", "status").out

    def test_old_attributes_are_told_and_renewed(self, cassette: Run, repo: Repo):
        cassette("git", "install")
        path = repo.folder / ".gitattributes"
        path.write_text(path.read_text().replace(" merge=binary", ""))
        result = cassette("git", "status")
        assert result.code == 1
        assert "merge cassettes as text" in result.out
        cassette("git", "install")
        assert "merge=binary" in path.read_text()
        assert cassette("git", "status").code == 0

    def test_help_and_unknown_actions(self, cassette: Run, repo: Repo):
        assert "warm" in cassette("git").out
        assert cassette("git", "dance").code == 2
        assert "--pattern" in cassette("git", "install", "-h").out

    def test_outside_of_a_repository(self, cassette: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        quiet_git(monkeypatch, tmp_path)
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        for action in ("install", "status", "warm", "uninstall"):
            result = cassette("git", action)
            assert result.code == 2
            assert "not in a git repository" in result.err


class TestWarm:
    """Judged by git itself, whose textconv is broken after the cache was filled."""

    def history(self, cassette: Run, repo: Repo) -> None:
        cassette("git", "install")
        for number, text in enumerate((OLD, NEW, OLD.replace("tide-1", "tide-2"))):
            repo.write("cassettes/a.yaml", text)
            repo.write(f"cassettes/deep/b{number}.json", text.replace("Say hello", f"Say {number}"))
            repo.write("cassettes/other.yaml", f"a: {number}")
            repo.write("notes/c.yaml", text)
            repo.commit(str(number))

    def broken(self, tmp_path: Path) -> None:
        (tmp_path / "bin" / "cassette").write_text("#!/bin/sh\nexit 1\n")

    def test_git_reads_what_was_converted(self, cassette: Run, repo: Repo, tmp_path: Path):
        self.history(cassette, repo)
        expected = [repo.git("-c", "diff.cassette.cachetextconv=false", *args) for args in (["show"], ["log", "-p"])]
        result = cassette("git", "warm", "HEAD")
        assert result.code == 0
        assert "converted 5 of 5" in result.out
        self.broken(tmp_path)
        assert repo.git("show") == expected[0]
        assert repo.git("log", "-p", check=False) != expected[1]

    def test_a_range_and_what_was_there_already(self, cassette: Run, repo: Repo, tmp_path: Path):
        self.history(cassette, repo)
        expected = repo.git("-c", "diff.cassette.cachetextconv=false", "log", "-p")
        cassette("git", "warm", "HEAD")
        repo.git("show")  # git writes the cache in a shape of its own
        assert "git had the others" in cassette("git", "warm", "HEAD~2..HEAD").out
        assert cassette("git", "warm", "HEAD~2..HEAD").out.startswith("git has all")
        assert cassette("git", "warm", "HEAD~2").code == 0
        self.broken(tmp_path)
        assert repo.git("log", "-p") == expected

    def test_paths_of_head(self, cassette: Run, repo: Repo, tmp_path: Path):
        self.history(cassette, repo)
        assert "converted 3 of 3" in cassette("git", "warm", "cassettes/deep").out
        assert "converted 2 of 5" in cassette("git", "warm").out
        assert "no cassettes" in cassette("git", "warm", "notes").out

    def test_another_view_starts_anew(self, cassette: Run, repo: Repo):
        self.history(cassette, repo)
        cassette("git", "warm")
        repo.git("config", "diff.cassette.textconv", "cassette textconv --view 0")
        result = cassette("git", "warm")
        assert result.code == 2
        assert "cassette git install" in result.err
        repo.git("config", "diff.cassette.textconv", f"cassette textconv --view {VIEW} ")
        assert "converted 5 of 5" in cassette("git", "warm").out

    def test_where_nothing_is_installed(self, cassette: Run, repo: Repo):
        repo.write("cassettes/a.yaml", OLD)
        repo.commit()
        assert cassette("git", "warm").code == 2


class TestTextconv:
    def test_an_inserted_interaction_is_one_block(self):
        calls = [Call(ask(f"Tell of {name}"), chat(f"About {name}")) for name in ("ebb", "flood", "neap")]
        old = convert(text_of(*calls).encode(), "a.yaml").split("\n\n")
        new = convert(text_of(calls[0], Call(ask("More"), chat("x")), *calls[1:]).encode(), "a.yaml").split("\n\n")
        assert len(new) == len(old) + 1
        assert [block for block in new if block.rstrip("\n") not in {one.rstrip("\n") for one in old}] == [new[2]]

    def test_noise_does_not_show(self):
        noisy = text_of(
            Call(ask("Say hello"), streamed("Good day to you. The tide is low.", ident="chatcmpl-4", created=18),
                 headers={"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}, duration="3s")
        )  # fmt: skip
        dated = text_of(
            Call(ask("Say hello"), streamed("Good day to you. The tide is low."),
                 headers={"Date": "Tue, 02 Jan 2024 00:00:00 GMT"})
        )  # fmt: skip
        assert convert(noisy.encode(), "a.yaml") == convert(dated.encode(), "a.yaml")

    def test_a_sentence_is_a_line(self):
        text = convert(OLD.encode(), "a.yaml")
        assert "<   Good day to you. \n<   The tide is low.\n" in text

    def test_it_is_plain_text_of_lines(self):
        hostile = text_of(Call(ask("x\x1b[31m\r\u2028y"), chat("z\u202e\x00"), headers={"X": "a\x1bb"}))
        text = convert(hostile.encode(), "a.yaml")
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.split("\n"))
        assert "\\u001b[31m" in text

    def test_secrets_are_masked(self):
        fake = "sk-" + "Fake4f9a8b7c6d5e" * 2
        text = convert(text_of(Call(ask(f"My key is {fake}"), sent={"Authorization": f"Bearer {fake}"},
                                    url=f"https://a.example/x?key={fake}")).encode(), "a.yaml")  # fmt: skip
        assert fake not in text
        assert "> authorization: Bearer sk-(hidden 35)" in text

    def test_a_masked_secret_that_changed_shows(self, cassette: Run, repo: Repo):
        def recorded(letter: str) -> str:
            return text_of(Call(ask("x"), sent={"Authorization": "Bearer sk-" + f"Fake{letter}f9a8b7c6d5e" * 2}))

        repo.write("cassettes/a.yaml", recorded("4"))
        repo.commit("one")
        repo.write("cassettes/a.yaml", recorded("5"))
        cassette("git", "install")
        shown = [line for line in repo.git("diff").splitlines() if line.startswith(("+>", "->"))]
        assert len(shown) == 2
        assert all(re.fullmatch(r"[+-]> authorization: Bearer sk-\(hidden 35\)#[0-9a-f]{8}", line) for line in shown)
        repo.git("config", "--unset", "cassette.maskKey")
        repo.git("update-ref", "-d", "refs/notes/textconv/cassette")
        assert "+>" not in repo.git("diff")

    def test_binary_is_hash_and_size(self, tmp_path: Path):
        text = "version: 2\ninteractions:\n- request: {url: 'https://a.example/p', method: GET}\n"
        text += "  response: {code: 200, headers: {Content-Type: [image/gif]}, body: !!binary R0lGODlhAQABAAAAACw=}\n"
        out = convert(text.encode(), "a.yaml")
        assert "GIF image, 1 × 1, 14 bytes, sha256 " in out

    def test_a_picture_in_json_is_hash_and_length(self):
        def shown(data: str) -> str:
            body = json.dumps({"image": f"data:image/png;base64,{data}", "sound": data, "short": "QUJD"})
            text = "version: 2\ninteractions:\n- request: {url: 'https://a.example/p', method: GET}\n"
            return convert(f"{text}  response: {{code: 200, body: {json.dumps(body)}}}\n".encode(), "a.yaml")

        old, new = shown("QUJD" * 200), shown("QUJD" * 199 + "QUJE")
        assert "<   image: image/png, 800 characters of base64, sha256 " in old
        assert ("short: QUJD" in old, "QUJDQUJD" in old, old == new) == (True, False, False)

    @pytest.mark.parametrize(
        "content", [b"a: 1\n", b"", b"interactions: [", b"\x00\xff\xfe", b"\xff\xfea\x00", b"{" * 5000]
    )
    def test_what_is_no_cassette_is_printed_as_it_is(self, cassette: Run, write: Run, content: bytes):
        from cassette_cli.__main__ import main

        path = write("a.yaml", content)
        import io
        import sys

        kept, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), write_through=True)
        try:
            assert main(["textconv", str(path)]) == 0
            assert sys.stdout.buffer.getvalue() == content  # type: ignore[attr-defined]
        finally:
            sys.stdout = kept

    def test_a_missing_file_is_no_failure(self, cassette: Run, tmp_path: Path):
        result = cassette("textconv", "--view", VIEW, tmp_path / "none.yaml")
        assert (result.code, result.out) == (0, "")

    def test_standard_input(self, cassette: Run):
        assert "Good day to you." in cassette("textconv", "-", stdin=OLD.encode()).out

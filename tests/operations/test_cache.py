"""What an earlier run found clean is not looked into again, and nothing else is taken for clean."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

from cassette_cli.operations import cache, loading
from commands.conftest import cassette, govcr, interaction, write  # noqa: F401 - fixtures

SECRET = "sk-" + "a1B2c3D4e5F6" * 4
CLEAN = govcr(interaction("'{\"a\": 1}'"))
FOUND = govcr(interaction(f'\'{{"key": "{SECRET}"}}\''))
PLUM = govcr(interaction('\'{"a": "plum-tree-42"}\''))
VERBS = (("check",), ("redact", "--check"))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "recorded"
    made.mkdir()
    for number in range(6):
        (made / f"{number}.yaml").write_text(govcr(interaction(f"'{{\"a\": {number}}}'")))
    (made / "notes.yaml").write_text("a: 1\n")
    return made


@pytest.fixture
def cache_folder():
    return os.environ[cache.VARIABLE]


@pytest.fixture
def looked(monkeypatch):
    """Names of the files that were parsed since it was last cleared."""
    names = []

    class Noting(loading.Document):
        def __init__(self, raw, path=None, **options):
            names.append(os.path.basename(path))
            super().__init__(raw, path, **options)

    monkeypatch.setattr(loading, "Document", Noting)
    return names


def entries(folder):
    return {path.name: path.read_text() for path in Path(folder, "clean").iterdir()}


@pytest.mark.parametrize("verb", [*VERBS, ("check", "--format", "sarif"), ("redact", "--check", "--json"), ("redact", "--check", "--format", "sarif")])  # fmt: skip
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_warm_run_says_what_a_cold_one_does(cassette, folder, verb, jobs):  # noqa: F811
    (folder / "3.yaml").write_text(FOUND)
    (folder / "4.yaml").write_text("interactions: [\n")
    plain, cold, warm = (cassette(*verb, *more, "--jobs", jobs, folder) for more in (["--no-cache"], [], []))
    assert plain == cold == warm
    assert plain.code


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_clean_is_not_looked_into_again(cassette, folder, looked, verb):  # noqa: F811
    (folder / "3.yaml").write_text(FOUND)
    assert cassette(*verb, "--jobs", 1, folder).code == 1
    assert sorted(looked) == [f"{number}.yaml" for number in range(6)]
    looked.clear()
    assert cassette(*verb, "--jobs", 1, folder).code == 1
    assert looked == ["3.yaml"]
    looked.clear()
    assert cassette(*verb, "--jobs", 1, "--no-cache", folder).code == 1
    assert len(looked) == 6


@pytest.mark.parametrize("verb", VERBS)
def test_a_changed_file_is_looked_into(cassette, folder, verb):  # noqa: F811
    assert cassette(*verb, folder).code == 0
    before = (folder / "2.yaml").stat()
    text = (folder / "2.yaml").read_text()
    (folder / "2.yaml").write_text(text.replace('{"a": 2}', json.dumps({"key": SECRET})))
    os.utime(folder / "2.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))  # the time says nothing
    assert cassette(*verb, folder).code == 1
    (folder / "2.yaml").write_text(text)
    assert cassette(*verb, folder).code == 0


@pytest.mark.parametrize(
    "setting", ['json-keys = ["a"]', 'patterns = ["plum-(tree)"]', 'levels = ["all"]\nfakes = true']
)
@pytest.mark.parametrize("verb", VERBS)
def test_changed_settings_are_another_cache(cassette, tmp_path, monkeypatch, setting, verb, looked):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(PLUM)
    assert cassette(*verb, "a.yaml").code == 0
    (tmp_path / ".cassette.toml").write_text(f"[redact]\n{setting}\n")
    assert cassette(*verb, "a.yaml").code == ("all" not in setting)
    assert looked == ["a.yaml"] * 2


@pytest.mark.parametrize("setting", ['env = ["OWN_VALUE"]', 'values-file = "values.txt"'])
@pytest.mark.parametrize("verb", VERBS)
def test_changed_values_are_another_cache(cassette, tmp_path, monkeypatch, setting, verb):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(PLUM)
    (tmp_path / ".cassette.toml").write_text(f"[redact]\n{setting}\n")
    for value, code in (("nothing-of-it", 0), ("plum-tree-42", 1), ("nothing-of-it", 0)):
        monkeypatch.setenv("OWN_VALUE", value)
        (tmp_path / "values.txt").write_text(f"{value}\n")
        assert cassette(*verb, "a.yaml").code == code


def test_options_are_another_cache(cassette, write, looked):  # noqa: F811
    path = write("a.yaml", CLEAN)
    for options in ([], ["--level", "all"], ["--json-key", "b"], ["-i", "0"], ["--max-body", "1M"],
                    ["--allow", "x*"], ["--input-format", "go-vcr"], ["--skip-others"]):  # fmt: skip
        looked.clear()
        first = cassette("redact", "--check", *options, path)
        assert looked == ["a.yaml"], options
        assert cassette("redact", "--check", *options, path) == first
        assert len(looked) == 1 + first.code, options


def test_filters_are_asked_each_time(cassette, write, looked):  # noqa: F811
    path = write("a.yaml", CLEAN)
    for _ in range(2):
        assert "no interaction matches --host x" in cassette("redact", "--check", "--host", "x", path).err
        assert "no interaction" not in cassette("redact", "--check", "--host", "api.*", path).err
    assert looked == ["a.yaml"] * 4


def test_each_set_of_codes_is_another_cache(cassette, write, looked):  # noqa: F811
    path = write("a.yaml", govcr(interaction("'{\"a\": 1}'"), interaction("'{\"a\": 1}'")))
    assert cassette("check", path).code == 0
    assert cassette("check", "--select", "CAS007", path).code == 1
    assert cassette("check", "--max-size", "3", path).code == 1
    assert cassette("check", path).code == 0
    assert looked == ["a.yaml"] * 3


def test_what_grows_old_is_looked_into_each_time(cassette, write, looked):  # noqa: F811
    path = write("a.yaml", CLEAN)
    for _ in range(2):
        assert cassette("check", "--max-age", "1y", path).code == 0
    assert looked == ["a.yaml"] * 2


def test_another_version_is_another_cache(cassette, write, looked, monkeypatch):  # noqa: F811
    path = write("a.yaml", CLEAN)
    assert cassette("check", path).code == 0
    monkeypatch.setattr("cassette_cli.__version__", "0.0.0")
    assert cassette("check", path).code == 0
    monkeypatch.setattr(cache, "_code", lambda: ["other code"])
    assert cassette("check", path).code == 0
    monkeypatch.setattr(cache, "find_spec", lambda name: None)
    assert cassette("check", path).code == 0
    assert looked == ["a.yaml"] * 4


def test_the_code_is_known_by_the_record_of_a_wheel(tmp_path, monkeypatch):
    (tmp_path / "cassette_cli").mkdir()
    monkeypatch.setattr("cassette_cli.__file__", str(tmp_path / "cassette_cli" / "__init__.py"))
    monkeypatch.setattr("cassette_cli.__version__", "7.0")
    assert cache._code() == []
    (tmp_path / "cassette_cli" / "a.py").write_text("a = 1\n")
    ((_, name, size, _),) = cache._code()
    assert (name, size) == ("a.py", 6)
    (tmp_path / "cassette_cli-7.0.dist-info").mkdir()
    record = "../../bin/cassette,sha256=x,1\ncassette_cli/a.py,sha256=y,6\ncassette_cli/__pycache__/a.pyc,,\n"
    (tmp_path / "cassette_cli-7.0.dist-info" / "RECORD").write_text(record)
    assert cache._code() == ["cassette_cli/a.py,sha256=y,6"]


def test_a_baseline_counts_and_so_do_the_paths_that_it_counts(cassette, tmp_path, monkeypatch, looked):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(FOUND)
    assert cassette("redact", "--write-baseline", "known.json", "a.yaml").code == 0
    for _ in range(2):
        assert cassette("redact", "--check", "--baseline", "known.json", "a.yaml").code == 0
    assert looked == ["a.yaml"] * 2
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.yaml").write_text(FOUND)
    assert cassette("redact", "--check", "--baseline", "known.json", "b/a.yaml").code == 1
    (tmp_path / "known.json").write_text('{"version": 1, "findings": []}')
    assert cassette("redact", "--check", "--baseline", "known.json", "a.yaml").code == 1
    (tmp_path / "known.json").unlink()
    assert cassette("redact", "--check", "--baseline", "known.json", "a.yaml").code == 2


def test_bodies_beside_the_cassette_are_read_and_compared(cassette, tmp_path, looked):  # noqa: F811
    request = {"method": "GET", "url": "https://a.example/h", "headers": [], "bodySize": -1}
    content = {"size": 0, "mimeType": "application/json", "_file": "body.json"}
    response = {"status": 200, "headers": [], "content": content, "bodySize": -1}
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}))
    (tmp_path / "body.json").write_text('{"a": 1}')
    for _ in range(2):
        assert cassette("redact", "--check", path).code == 0
    assert looked == ["a.har"]
    (tmp_path / "body.json").write_text(json.dumps({"key": SECRET}))
    assert cassette("redact", "--check", path).code == 1
    (tmp_path / "body.json").write_text('{"a": 1}')
    assert cassette("redact", "--check", path).code == 0
    (tmp_path / "body.json").unlink()
    assert cassette("redact", "--check", path).code == 1  # a part that could not be looked into
    assert cassette("check", "--ignore", "CAS013,CAS017", path).code == 0
    (tmp_path / "body.json").write_text(json.dumps({"key": SECRET}))
    assert cassette("check", "--ignore", "CAS013,CAS017", path).code == 1


def test_a_wrong_setting_is_an_error_with_and_without_cassettes(cassette, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(CLEAN)
    assert cassette("check", ".").code == 0
    (tmp_path / ".cassette.toml").write_text('[redact]\npatterns = ["("]\n')
    for verb in VERBS:
        assert [cassette(*verb, ".").code for _ in range(2)] == [2, 2]


def test_an_environment_without_a_value_is_told_each_time(cassette, write):  # noqa: F811
    path = write("a.yaml", CLEAN)
    first, second = (cassette("redact", "--check", "--env", "NOT_SET_HERE", path) for _ in range(2))
    assert first == second
    assert "NOT_SET_HERE" in first.err


def test_a_cache_that_cannot_be_used_is_none(cassette, folder, cache_folder, monkeypatch, looked):  # noqa: F811
    def run():
        looked.clear()
        assert cassette("check", "--jobs", 1, folder).code == 0
        return len(looked)

    assert run() == 6
    assert run() == 0
    (name,) = entries(cache_folder)
    path = Path(cache_folder, "clean", name)
    whole = path.read_bytes()
    for broken in (b"", b"\xff\xfe", whole[10:], b"[]", whole[: len(whole) // 2]):
        path.write_bytes(broken)
        assert run()
        assert run() == 0
    path.unlink()
    path.mkdir()
    assert [run(), run()] == [6, 6]
    for place in (folder / "0.yaml", "/proc/nowhere"):
        monkeypatch.setenv(cache.VARIABLE, str(place))
        assert [run(), run()] == [6, 6]


def test_a_folder_that_is_read_only_is_read(cassette, folder, cache_folder, looked, monkeypatch):  # noqa: F811
    assert cassette("check", folder / "0.yaml", folder / "1.yaml").code == 0
    before = entries(cache_folder)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.Path, "write_text", refuse)
    monkeypatch.setattr(cache.os, "utime", refuse)
    looked.clear()
    assert cassette("check", folder / "0.yaml", folder / "1.yaml", folder / "2.yaml").code == 0
    assert looked == ["2.yaml"]
    assert entries(cache_folder) == before


def test_the_cache_is_bounded(cassette, folder, cache_folder, monkeypatch, looked):  # noqa: F811
    monkeypatch.setattr(cache, "_LINES", 3)
    monkeypatch.setattr(cache, "_FILES", 2)
    assert cassette("check", "--jobs", 1, folder).code == 0
    (text,) = entries(cache_folder).values()
    assert len(text.splitlines()) == 4
    looked.clear()
    assert cassette("check", "--jobs", 1, folder / "5.yaml", folder / "0.yaml").code == 0
    assert looked == ["5.yaml", "0.yaml"]  # named by the user, they are others than those met in a folder
    for number, options in enumerate((["--max-size", "1M"], ["--max-size", "2M"], ["--max-size", "3M"])):
        assert cassette("check", *options, folder).code == 0
        for name in entries(cache_folder):
            os.utime(Path(cache_folder, "clean", name), (number, number))
    assert len(entries(cache_folder)) == 2


def test_two_runs_at_once_keep_what_both_found(folder, cache_folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for number in range(6):
        (other / f"{number}.yaml").write_text(govcr(interaction(f"'{{\"b\": {number}}}'")))
    command = [sys.executable, "-m", "cassette_cli", "check", "--jobs", "2"]
    for _ in range(3):
        runs = [subprocess.Popen([*command, str(one)]) for one in (folder, other)]
        assert [run.wait() for run in runs] == [0, 0]
    (text,) = entries(cache_folder).values()
    assert len(set(text.splitlines()[1:])) == len(text.splitlines()[1:]) == 12


def test_a_run_that_wrote_in_between_is_kept(cassette, folder, cache_folder):  # noqa: F811
    def work(path):
        return cache.Cache(["facts"], lambda: None), path

    (one, a), (two, b) = work("a"), work("b")
    one.add(cache.Key(a * 32, a))
    two.add(cache.Key(b * 32, b, ("x y",)))
    one.close()
    two.close()
    three = cache.Cache(["facts"], lambda: pytest.fail("it is known"))
    assert list(three._known) == ["a" * 32, "b" * 32]
    assert three._attached == {"b": ("x y",)}


def test_the_cache_says_to_git_and_backups_that_it_is_one(cassette, write, cache_folder):  # noqa: F811
    assert cassette("check", write("a.yaml", CLEAN)).code == 0
    assert Path(cache_folder, ".gitignore").read_text() == "*\n"
    assert Path(cache_folder, "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_no_secret_and_no_path_is_in_the_cache(cassette, tmp_path, cache_folder, monkeypatch):  # noqa: F811
    path = tmp_path / "telling-name.yaml"
    path.write_text(CLEAN)
    monkeypatch.setenv("OWN_VALUE", "plum-tree-42")
    assert cassette("redact", "--check", "--env", "OWN_VALUE", path).code == 0
    ((name, text),) = entries(cache_folder).items()
    assert not {"telling", "plum"} & set((name + text).replace("-", " ").split())


def test_it_stands_where_the_platform_keeps_caches(monkeypatch):
    monkeypatch.delenv(cache.VARIABLE)
    assert cache._folder() == user_cache_dir("cassette", appauthor=False)


def test_what_is_known_needs_no_rules(folder, cache_folder):
    told = "import sys; from cassette_cli.__main__ import main; code = main(sys.argv[1:]); print(code, *sys.modules)"
    for verb in VERBS:
        command = [sys.executable, "-c", told, *verb, str(folder)]
        cold, warm = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
        assert "cassette_cli.operations.redact.rules.shape" in cold.split()
        assert not [name for name in warm.split() if name.startswith(("cassette_cli.operations.redact.rules", "cassette_cli.operations.redact.detect"))]  # fmt: skip
        assert warm.startswith("0 ")


def test_standard_input_is_looked_into(cassette, looked):  # noqa: F811
    for _ in range(2):
        assert cassette("redact", "--check", "-", stdin=CLEAN.encode()).code == 0
    assert looked == ["-", "-"]


def test_a_file_that_changes_while_it_is_searched_is_not_taken_for_clean(cassette, write, monkeypatch):  # noqa: F811
    path = write("a.yaml", CLEAN)
    read = loading.read

    def late(name):
        found = read(name)
        path.write_text(FOUND)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(loading, "read", late)
        assert cassette("redact", "--check", path).code == 0
    assert cassette("redact", "--check", path).code == 1

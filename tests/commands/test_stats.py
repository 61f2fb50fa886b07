"""`cassette stats`: totals, groups, savings, and the four ways to print them."""

import csv
import io
import json

import pytest

from cassette_cli.errors import Exit
from cassette_cli.operations.stats import Fact, File, Total, summarise
from cassette_cli.render.output import Output
from cassette_cli.render.stats import write
from commands.conftest import govcr, interaction

GROUPS = ["host", "model", "protocol", "status", "recorder", "folder", "month"]
TOTAL = [
    "interactions", "input_tokens", "output_tokens", "frames", "empty_frames", "body_bytes", "request_bytes",
    "cassettes", "file_bytes", "p50_ms", "p95_ms",
]  # fmt: skip


def counted(cassette, *arguments):
    result = cassette("stats", "--json", *arguments)
    assert result.code == Exit.OK
    return json.loads(result.out)


@pytest.fixture
def suite(write):
    """Three cassettes in two folders: statuses, hosts, a date, a duration, a body that decodes to less."""
    dated = interaction(code=404).replace(
        "Content-Type:", "Date:\n              - Fri, 03 May 2024 10:00:00 GMT\n            Content-Type:"
    )
    slow = interaction(url="https://b.example/x", request_body="'four'").replace("12.5ms", "2s")
    write("one/a.yaml", govcr(interaction("'body'"), dated))
    write("one/b.yaml", govcr(slow))
    packed = "!!binary " + "eHh4" * 40  # 120 letters
    return write("two/c.yaml", govcr(interaction(packed, content_type="text/plain"))).parents[1]


def test_what_is_counted(cassette, suite):
    stats = counted(cassette, suite)
    assert list(stats) == ["cassettes", "total", *GROUPS, "could_save", "undecoded", "largest"]
    total = stats["total"]
    assert list(total) == TOTAL
    assert (stats["cassettes"], total["cassettes"], total["interactions"]) == (3, 3, 4)
    assert total["file_bytes"] == sum(path.stat().st_size for path in suite.rglob("*.yaml"))
    assert (total["body_bytes"], total["request_bytes"]) == (4 + 120, 4)
    assert (total["p50_ms"], total["p95_ms"]) == (12.5, 2000)
    assert {name: one["interactions"] for name, one in stats["host"].items()} == {"api.example.com": 3, "b.example": 1}
    assert {name: one["interactions"] for name, one in stats["status"].items()} == {"200": 3, "404": 1}
    assert {name: one["interactions"] for name, one in stats["month"].items()} == {"2024-05": 1, "-": 3}
    assert list(stats["month"]) == ["2024-05", "-"]
    assert {name: one["cassettes"] for name, one in stats["folder"].items()} == {
        str(suite / "one"): 2, str(suite / "two"): 1,
    }  # fmt: skip
    assert list(stats["recorder"]) == ["go-vcr v2"]
    assert stats["model"]["-"]["interactions"] == 4


def test_the_largest_files_come_first(cassette, suite):
    largest = counted(cassette, suite)["largest"]
    sizes = {str(path): path.stat().st_size for path in suite.rglob("*.yaml")}
    assert {one["path"]: one["file_bytes"] for one in largest} == sizes
    assert [one["file_bytes"] for one in largest] == sorted(sizes.values(), reverse=True)
    assert {one["path"]: one["interactions"] for one in largest}[str(suite / "one" / "a.yaml")] == 2


def test_what_trim_and_decode_would_save_is_what_they_save(cassette, suite, examples, tmp_path):
    for source in ("govcr-streamed-chat.yaml", "vcrpy-streamed-message.yaml"):
        (suite / source).write_bytes((examples / source).read_bytes())
    told = counted(cassette, suite)["could_save"]
    before = {path: path.stat().st_size for path in suite.rglob("*.yaml")}
    assert cassette("decode", suite).code == 0
    decoded = {path: path.stat().st_size for path in before}
    assert told["decode"] == {
        "cassettes": sum(decoded[path] != before[path] for path in before),
        "bytes": sum(before.values()) - sum(decoded.values()),
    }
    assert told["decode"]["bytes"] > 20
    assert cassette("trim", suite).code == 0
    trimmed = {path: path.stat().st_size for path in before}
    assert told["trim"] == {
        "cassettes": sum(trimmed[path] != decoded[path] for path in before),
        "bytes": sum(decoded.values()) - sum(trimmed.values()),
    }
    assert told["trim"]["bytes"] > 1000


@pytest.mark.parametrize("by", GROUPS)
def test_one_group(cassette, suite, by):
    stats = counted(cassette, "--by", by, suite)
    assert list(stats) == ["cassettes", "total", by, "could_save", "undecoded", "largest"]
    assert stats[by] == counted(cassette, suite)[by]


def test_filters_choose_what_is_counted(cassette, suite):
    stats = counted(cassette, "--status", "404", suite)
    assert (stats["cassettes"], stats["total"]["interactions"], stats["total"]["p50_ms"]) == (1, 1, 12.5)
    assert counted(cassette, "--host", "nowhere.*", suite)["total"] == dict.fromkeys(TOTAL, 0) | {
        "p50_ms": None, "p95_ms": None,
    }  # fmt: skip


def test_a_pipe_gets_tab_separated_lines(cassette, suite):
    lines = [line.split("\t") for line in cassette("stats", suite).out.splitlines()]
    assert [line for line in lines if line[0] == "host"] == [
        ["host", "api.example.com", "3", "0", "0", "0", "0", "124", "0", "2", lines[1][10], "12.5", "12.5"],
        ["host", "b.example", "1", "0", "0", "0", "0", "0", "4", "1", lines[2][10], "2000", "2000"],
    ]
    assert [line[:3] for line in lines if line[0] == "could-save"] == [
        ["could-save", "trim", "0"],
        ["could-save", "decode", "1"],
    ]
    assert [line[0] for line in lines].count("largest") == 3


def test_csv(cassette, suite):
    rows = list(csv.DictReader(io.StringIO(cassette("stats", "--csv", "--by", "month", suite).out)))
    assert list(rows[0]) == ["group", "name", *TOTAL]
    assert [(row["group"], row["name"], row["interactions"]) for row in rows] == [
        ("total", "", "4"), ("month", "2024-05", "1"), ("month", "", "3"),
    ]  # fmt: skip


def test_a_spreadsheet_runs_nothing(cassette, write):
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}}
    body = f"'{json.dumps({'model': '=HYPERLINK(1)', 'object': 'chat.completion', 'choices': [choice]})}'"
    path = write("a.yaml", govcr(interaction(body, url="https://api.example.com/v1/chat/completions", method="POST")))
    names = [row["name"] for row in csv.DictReader(io.StringIO(cassette("stats", "--csv", "--by", "model", path).out))]
    assert names == ["", "'=HYPERLINK(1)"]


def test_summary_of_ls_is_the_same(cassette, suite):
    assert cassette("ls", "--summary", suite).out == cassette("stats", suite).out
    assert cassette("ls", "--summary", "--json", suite).out == cassette("stats", "--json", suite).out


def test_without_a_path_it_counts_this_folder(cassette, suite, monkeypatch):
    monkeypatch.chdir(suite)
    assert counted(cassette)["cassettes"] == 3
    assert list(counted(cassette)["folder"]) == ["one", "two"]


def test_what_cannot_be_read_is_told(cassette, suite, write):
    write("one/broken.yaml", "version: 2\ninteractions:\n- request: [")
    result = cassette("stats", "--json", suite)
    assert result.code == Exit.FAILED
    assert "broken.yaml:" in result.err
    assert json.loads(result.out)["cassettes"] == 3


def test_where_nothing_could_be_read_no_table_of_zeros_is_printed(cassette, tmp_path):
    result = cassette("stats", tmp_path / "missing.yaml")
    assert (result.code, result.out) == (Exit.FAILED, "")
    assert "no such file" in result.err
    assert json.loads(cassette("stats", "--json", tmp_path / "missing.yaml").out)["cassettes"] == 0


def test_a_body_that_cannot_be_decoded_is_counted(cassette, write):
    body = interaction("!!binary H4sIAAAAAAAA////////////").replace(
        "Content-Type:", "Content-Encoding:\n              - gzip\n            Content-Type:"
    )
    assert counted(cassette, write("a.yaml", govcr(body)))["undecoded"] == 1


def test_exclusive_options_and_wrong_settings(cassette, suite, write, monkeypatch):
    assert "--json and --csv cannot be combined" in cassette("stats", "--json", "--csv", suite).err
    assert cassette("stats", "--by", "colour", suite).code == Exit.FAILED
    write("pyproject.toml", "[tool.cassette.trim]\ncolour = true\n")
    monkeypatch.chdir(suite)
    assert cassette("stats", suite).code == Exit.FAILED


def test_percentiles_are_by_nearest_rank():
    total = Total(durations=[float(n) for n in range(100, 0, -1)])
    assert (total.percentile(50), total.percentile(95)) == (50, 95)
    assert (Total(durations=[3.0]).percentile(50), Total().percentile(95)) == (3, None)
    assert Total(durations=[1.0, 2.0]).percentile(95) == 2


class Terminal(io.StringIO):
    """A terminal, as `Output` asks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [40, 64, 80, 120])
def test_a_terminal_of_any_width_gets_aligned_tables(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    facts = [Fact(f"host-{n % 13}.a-rather-long-name.example", f"m{n % 5}", "openai-chat", 200 + n % 3, "2024-05",
                  n, n, n, 0, n * 999, n, float(n)) for n in range(60)]  # fmt: skip
    files = [File(f"folder/{n}/a-cassette-with-a-long-name.yaml", "vcrpy", n * 1000, facts[n::6]) for n in range(6)]
    stream = Terminal()
    write(Output(stream=stream), summarise([*files, File("x.yaml", "har", 3, [Fact()])]))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    ends = {
        line.index("calls") + 5
        for line in lines
        if line.rstrip().endswith(("out", "p50", "p95", "bodies")) and "calls" in line
    }
    assert len(ends) == 1
    counts = [line[: ends.copy().pop()].rpartition(" ")[2] for line in lines if line.startswith(("host-", "m0", "har"))]
    assert len(counts) == 12
    assert all(map(str.isdigit, counts))
    assert any(line.startswith("… and 4 more: cassette stats --by host") for line in lines)
    assert any("█" in line for line in lines) == (width >= 64)

"""The code of `cassette rules --emit`, judged by the recorders that it is for."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.emitting.portable import portable_shapes

requests = pytest.importorskip("requests")

Play = Callable[[str, Any, bool], str]
"""Sends the request of some secrets to a server and returns the answer; with True it records, else it replays."""


@pytest.fixture
def emitted(tmp_path: Path, cassette: Any) -> Callable[[str, str], Path]:
    """Write the code for a recorder to a file."""

    def write(recorder: str, name: str) -> Path:
        done = cassette("rules", "--emit", recorder)
        assert done.code == 0
        path = tmp_path / name
        path.write_text(done.out)
        return path

    return write


def judged(folder: Path, play: Play, echo: str, first: Any, other: Any, cassette: Any) -> None:
    """Record, look for the secrets, and replay with the same and with other ones."""
    live = play(echo, first, True)
    assert all(secret in live for secret in first.all[:4]), "the program itself sees everything"
    (path,) = (one for one in folder.rglob("*") if one.suffix in (".yaml", ".yml", ".json", ".har") and one.is_file())
    text = path.read_text()
    assert not [secret for secret in first.all if secret in text], text
    assert "Bearer REDACTED" in text
    assert "api_key=REDACTED" in text
    assert "sid=REDACTED" in text
    checked = cassette("redact", "--check", str(path))
    assert checked.code == 0, checked.out
    for secrets in (first, other):
        assert "REDACTED" in play(echo, secrets, False)


def loaded(path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def test_vcrpy(emitted, tmp_path, echo, first, other, cassette) -> None:
    vcr = pytest.importorskip("vcr")
    names = loaded(emitted("vcrpy", "redaction.py"))
    hooks = {name: names[name] for name in ("before_record_request", "before_record_response")}
    recorder = vcr.VCR(**hooks, match_on=["method", "scheme", "host", "port", "path", "query", "body"])

    def play(url: str, secrets: Any, record: bool) -> str:
        with recorder.use_cassette(str(tmp_path / "tapes" / "a.yaml"), record_mode="once" if record else "none"):
            return requests.post(url + secrets.path(), json=secrets.json(), headers=secrets.headers(), timeout=10).text

    judged(tmp_path / "tapes", play, echo, first, other, cassette)


def test_pytest_recording(emitted, tmp_path, echo, first, other, cassette) -> None:
    if importlib.util.find_spec("pytest_recording") is None:
        pytest.skip("no pytest-recording here")
    emitted("pytest-recording", "conftest.py")

    def play(url: str, secrets: Any, record: bool) -> str:
        (tmp_path / "test_it.py").write_text(
            "import pytest, requests\n\n\n@pytest.mark.vcr\ndef test_it():\n"
            f"    got = requests.post({url + secrets.path()!r}, json={secrets.json()!r}, headers={secrets.headers()!r})\n"
            '    open("answer.txt", "w").write(got.text)\n'
        )
        mode = "--record-mode=" + ("once" if record else "none")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", mode, "test_it.py"]
        run(command, tmp_path)
        return (tmp_path / "answer.txt").read_text()

    judged(tmp_path, play, echo, first, other, cassette)


def test_betamax(emitted, tmp_path, echo, first, other, cassette) -> None:
    betamax = pytest.importorskip("betamax")
    (tmp_path / "tapes").mkdir()
    loaded(emitted("betamax", "redaction.py"))

    def play(url: str, secrets: Any, record: bool) -> str:
        session = requests.Session()
        recorder = betamax.Betamax(session, cassette_library_dir=str(tmp_path / "tapes"))
        matched = ["method", "redacted-uri", "redacted-body"]
        with recorder.use_cassette("a", record="once" if record else "none", match_requests_on=matched):
            return session.post(url + secrets.path(), json=secrets.json(), headers=secrets.headers(), timeout=10).text

    judged(tmp_path / "tapes", play, echo, first, other, cassette)


RUBY = """
require "json"
require "net/http"
require "webmock"
require "vcr"
require File.join(__dir__, "redaction.rb")
VCR.configure do |config|
  config.cassette_library_dir = File.join(__dir__, "tapes")
  config.hook_into :webmock
end
url, mode, headers, body = URI(ARGV[0]), ARGV[1].to_sym, JSON.parse(ARGV[2]), ARGV[3]
VCR.use_cassette("a", record: mode) do
  print Net::HTTP.post(url, body, headers).body
end
"""


def test_ruby_vcr(emitted, tmp_path, echo, first, other, cassette) -> None:
    if (
        shutil.which("ruby") is None
        or subprocess.run(
            ["ruby", "-e", 'require "vcr"; require "webmock"'], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no Ruby VCR here")
    emitted("ruby-vcr", "redaction.rb")
    (tmp_path / "play.rb").write_text(RUBY)

    def play(url: str, secrets: Any, record: bool) -> str:
        mode = "once" if record else "none"
        arguments = [url + secrets.path(), mode, json.dumps(secrets.headers()), json.dumps(secrets.json())]
        return run(["ruby", "-W0", "play.rb", *arguments], tmp_path)

    judged(tmp_path / "tapes", play, echo, first, other, cassette)


POLLY = """
const { Polly } = require("@pollyjs/core");
const http = require("http");
Polly.register(require("@pollyjs/adapter-node-http"));
Polly.register(require("@pollyjs/persister-fs"));
const redaction = require("./redaction.js");
const [url, mode, headers, body] = process.argv.slice(2);
const polly = new Polly("a", {
  ...redaction.config,
  adapters: ["node-http"],
  persister: "fs",
  persisterOptions: { fs: { recordingsDir: __dirname + "/tapes" } },
  mode,
  recordIfMissing: mode === "record",
  logLevel: "silent",
});
redaction.install(polly);
const sent = { ...JSON.parse(headers), "Content-Length": Buffer.byteLength(body) };
const request = http.request(url, { method: "POST", headers: sent }, (response) => {
  let text = "";
  response.on("data", (data) => (text += data));
  response.on("end", async () => { await polly.stop(); process.stdout.write(text); });
});
request.on("error", (error) => { console.error(error); process.exit(1); });
request.end(body);
"""


def test_polly(emitted, tmp_path, echo, first, other, cassette) -> None:
    modules = os.environ.get("CASSETTE_POLLY", "")
    if shutil.which("node") is None or not modules:
        pytest.skip("CASSETTE_POLLY names no folder with Polly's node_modules")
    emitted("polly", "redaction.js")
    (tmp_path / "play.js").write_text(POLLY)
    (tmp_path / "node_modules").symlink_to(Path(modules) / "node_modules")

    def play(url: str, secrets: Any, record: bool) -> str:
        mode = "record" if record else "replay"
        arguments = [url + secrets.path(), mode, json.dumps(secrets.headers()), json.dumps(secrets.json())]
        return run(["node", "play.js", *arguments], tmp_path)

    judged(tmp_path / "tapes", play, echo, first, other, cassette)


GO = """
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
	"judge/redaction"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	mode := recorder.ModeReplayOnly
	if os.Args[2] == "record" {
		mode = recorder.ModeRecordOnce
	}
	r, err := recorder.New("tapes/a", recorder.WithMode(mode), recorder.WithMatcher(redaction.Matches),
		recorder.WithHook(redaction.Redact, recorder.BeforeSaveHook))
	must(err)
	request, err := http.NewRequest("POST", os.Args[1], strings.NewReader(os.Args[4]))
	must(err)
	headers := map[string]string{}
	must(json.Unmarshal([]byte(os.Args[3]), &headers))
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := r.GetDefaultClient().Do(request)
	must(err)
	text, err := io.ReadAll(response.Body)
	must(err)
	fmt.Print(string(text))
	must(r.Stop())
}
"""


def test_go_vcr(emitted, tmp_path, echo, first, other, cassette, monkeypatch) -> None:
    packages = os.environ.get("CASSETTE_GO_VCR", "")
    if shutil.which("go") is None or not packages:
        pytest.skip("CASSETTE_GO_VCR names no GOPATH with go-vcr v4")
    monkeypatch.setenv("GO111MODULE", "off")
    monkeypatch.setenv("GOPATH", f"{packages}:{tmp_path}")
    folder = tmp_path / "src" / "judge" / "redaction"
    folder.mkdir(parents=True)
    emitted("go-vcr", "redaction.go").rename(folder / "redaction.go")
    (folder.parent / "main.go").write_text(GO)
    run(["go", "vet", "judge/..."], tmp_path)
    run(["go", "build", "-o", "play", "judge"], tmp_path)

    def play(url: str, secrets: Any, record: bool) -> str:
        mode = "record" if record else "replay"
        arguments = [url + secrets.path(), mode, json.dumps(secrets.headers()), json.dumps(secrets.json())]
        return run(["./play", *arguments], tmp_path)

    judged(tmp_path / "tapes", play, echo, first, other, cassette)


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("recorder", ["vcrpy", "pytest-recording", "betamax", "ruby-vcr", "go-vcr", "polly"])
def test_the_code_is_whole(recorder, cassette) -> None:
    text = cassette("rules", "--emit", recorder).out
    assert not re.findall(r"@[A-Z_]+@", text)
    assert "sk-ant-" in text
    assert "xapikey" in text
    assert f"--emit {recorder}`" in text


def test_settings_count(tmp_path, monkeypatch, cassette) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        "[tool.cassette.redact]\nplaceholder = 'GONE'\njson-keys = ['Our-Name']\nallow = ['anthropic']\n"
    )
    monkeypatch.chdir(tmp_path)
    text = cassette("rules", "--emit", "vcrpy").out
    assert 'PLACEHOLDER = "GONE"' in text
    assert " ourname " in text
    assert "sk-ant-[" not in text
    assert cassette("rules", "--emit", "nope").code == 2


def samples() -> list[str]:
    """A text with a secret for every shape that the code is to know."""
    return [sample.replace("{~}", "") for rule in portable_shapes(Detectors()) for sample in rule.samples]


def left(texts: list[str], redacted: list[str]) -> list[str]:
    """Return the texts in which something is found still."""
    return [text for text, new in zip(texts, redacted, strict=True) if text == new or "REDACTED" not in new]


def test_the_python_code_knows_the_shapes(emitted) -> None:
    redaction = loaded(emitted("vcrpy", "redaction.py"))["Redaction"]
    assert len(samples()) > 450
    assert not left(samples(), [redaction().text(text) for text in samples()])


@pytest.mark.parametrize(
    ("recorder", "program", "code"),
    [
        ("polly", "node", ("const {Redaction} = require('./code.js'); const fs = require('fs');"
         "console.log(JSON.stringify(JSON.parse(fs.readFileSync('texts.json')).map((t) => new Redaction().text(t))));")),
        ("ruby-vcr", "ruby", ("module VCR; def self.configure; end; end; $LOADED_FEATURES << 'vcr.rb'; require 'json'; require './code.rb';"
         "puts JSON.parse(File.read('texts.json')).map { |t| CassetteRedaction::Redaction.new.text(t) }.to_json")),
    ],
)  # fmt: skip
def test_other_languages_know_them_too(emitted, tmp_path, recorder, program, code) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    name = "code.js" if program == "node" else "code.rb"
    emitted(recorder, name)
    text = (tmp_path / name).read_text().replace('require "vcr"\n', "")
    (tmp_path / name).write_text(text)
    (tmp_path / "texts.json").write_text(json.dumps(samples()))
    assert not left(samples(), json.loads(run([program, "-e", code], tmp_path)))


def test_what_go_cannot_say_is_left_out_and_the_rest_is_in_its_bounds(cassette) -> None:
    text = cassette("rules", "--emit", "go-vcr").out
    patterns = [json.loads(one) for one in re.findall(r'^\t\t(".*"), // [a-z0-9-]+$', text, re.MULTILINE)]
    assert len(patterns) > 350
    for pattern in patterns:
        assert not re.search(r"\(\?<?[=!]", pattern), pattern
        assert all(int(high) <= 1000 for high in re.findall(r"\{\d+,(\d+)\}", pattern)), pattern
    assert f"{len(portable_shapes(Detectors())) - len(patterns)} patterns that RE2" in text

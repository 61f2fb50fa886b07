"""Test suites with known orphans: with pytest-recording, with VCR under RSpec, and with go-vcr."""

from collections.abc import Iterable
from pathlib import Path


def vcrpy(*names: str) -> str:
    """Return a cassette of VCR.py with an answer for each path."""
    return "interactions:\n" + "".join(f"""- request:
    body: null
    headers: {{}}
    method: GET
    uri: http://api.example.test/{name}
  response:
    body: {{string: ok {name}}}
    headers: {{content-type: [text/plain]}}
    status: {{code: 200, message: OK}}
""" for name in names) + "version: 1\n"  # fmt: skip


def rubyvcr(*names: str) -> str:
    """Return a cassette of Ruby's VCR."""
    return "---\nhttp_interactions:\n" + "".join(f"""- request:
    method: get
    uri: http://api.example.test/{name}
    body: {{encoding: US-ASCII, string: ''}}
    headers: {{}}
  response:
    status: {{code: 200, message: OK}}
    headers: {{}}
    body: {{encoding: UTF-8, string: ok {name}}}
  recorded_at: Mon, 01 Jan 2024 00:00:00 GMT
""" for name in names) + "recorded_with: VCR 6.0.0\n"  # fmt: skip


def govcr(*names: str) -> str:
    """Return a cassette of go-vcr, version 1."""
    return "---\nversion: 1\ninteractions:\n" + "".join(f"""- request:
    body: ""
    form: {{}}
    headers: {{}}
    url: http://api.example.test/{name}
    method: GET
  response:
    body: "ok {name}"
    headers: {{}}
    status: 200 OK
    code: 200
    duration: ""
""" for name in names)  # fmt: skip


def lay(root: Path, files: dict[str, str]) -> Path:
    """Write files into a folder that is a repository of its own."""
    for name, text in {".git/HEAD": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


PYTEST = """
import os
import pytest
import requests
import vcr

HERE = os.path.dirname(__file__)


def get(name):
    return requests.get(f"http://api.example.test/{name}").text


@pytest.mark.vcr
def test_plain():
    assert get("a") == "ok a"


@pytest.mark.vcr
@pytest.mark.parametrize("name", ["x", pytest.param("y/z", id="y/z")])
def test_cases(name):
    assert get(name) == f"ok {name}"


@pytest.mark.vcr
class TestInside:
    def test_method(self):
        assert get("in") == "ok in"

    @pytest.mark.skip(reason="later")
    def test_skipped(self):
        get("skipped")


@pytest.mark.vcr
@pytest.mark.slow
def test_slow():
    assert get("slow") == "ok slow"


def test_unmarked():
    pass


@pytest.mark.vcr("extra.yaml")
@pytest.mark.default_cassette("test_plain.yaml")
def test_extra():
    assert get("ex") == "ok ex"


def test_named():
    with vcr.use_cassette(os.path.join(HERE, "fixtures", "named.yaml"), record_mode="none"):
        assert get("named") == "ok named"


recorder = vcr.VCR(cassette_library_dir=os.path.join(HERE, "fixtures"), record_mode="none",
                   path_transformer=vcr.VCR.ensure_suffix(".yaml"))


@recorder.use_cassette
def by_function():
    return get("f")


def test_by_function():
    assert by_function() == "ok f"
"""

_CHAT = "tests/cassettes/test_chat"
PYTEST_ORPHANS = {
    f"{_CHAT}/test_gone.yaml": "tests/test_chat.py has no test_gone",
    f"{_CHAT}/test_cases[old].yaml": "no case [old]",
    f"{_CHAT}/test_cases.yaml": "has parameters now",
    f"{_CHAT}/test_plain[x].yaml": "no case [x]",
    f"{_CHAT}/test_unmarked.yaml": "no mark vcr",
    "tests/cassettes/test_removed/test_any.yaml": "there is no tests/test_removed.py",
    "tests/fixtures/orphan.yaml": "nothing that names it",
}


def pytest_suite(root: Path) -> Path:
    """Write a suite with pytest-recording: cases, classes, skipped tests, and orphans of seven kinds."""
    used = {
        f"{_CHAT}/test_plain.yaml": ("a", "b"), f"{_CHAT}/test_cases[x].yaml": ("x",),
        f"{_CHAT}/test_cases[y-z].yaml": ("y/z",), f"{_CHAT}/TestInside.test_method.yaml": ("in",),
        f"{_CHAT}/TestInside.test_skipped.yaml": ("skipped",), f"{_CHAT}/test_slow.yaml": ("slow",),
        f"{_CHAT}/extra.yaml": ("ex",), "tests/fixtures/named.yaml": ("named",), "tests/fixtures/by_function.yaml": ("f",),
    }  # fmt: skip
    cassettes = {name: vcrpy(*paths) for name, paths in used.items()}
    return lay(root, {
        **cassettes, **{name: vcrpy("old") for name in PYTEST_ORPHANS}, "tests/test_chat.py": PYTEST,
        "pytest.ini": "[pytest]\nmarkers = slow: takes long\naddopts = -p no:cacheprovider -p no:randomly\n",
    })  # fmt: skip


RSPEC_HELPER = """require "vcr"
require "webmock/rspec"
require "net/http"

VCR.configure do |c|
  c.cassette_library_dir = "spec/cassettes"
  c.hook_into :webmock
  c.configure_rspec_metadata!
  c.default_cassette_options = { record: :none }
end

def get(path)
  Net::HTTP.get(URI("http://api.example.test/#{path}"))
end

def with_tape(name, &block)
  VCR.use_cassette("helper/#{name}", &block)
end

RSpec.shared_examples "a client" do
  it "lists" do
    expect(get("list")).to eq "ok list"
  end
end

class Chat; end
"""
RSPEC = """require_relative "spec_helper"

RSpec.describe Chat, :vcr do
  describe "#ask" do
    it "returns an answer" do
      expect(get("ask")).to eq "ok ask"
    end

    context "when busy" do
      it("waits two seconds!") { expect(get("busy")).to eq "ok busy" }
    end

    it "is pending", skip: "later" do
      get("p")
    end
  end

  %w[alpha beta].each do |name|
    it "with #{name}" do
      expect(get(name)).to eq "ok #{name}"
    end
  end

  describe "untagged", vcr: false do
    it "works" do
      expect(1).to eq 1
    end
  end

  it_behaves_like "a client"

  it "has a name of its own", vcr: { cassette_name: "given/by_name" } do
    expect(get("g")).to eq "ok g"
  end
end

RSpec.describe "other" do
  it "names it" do
    VCR.use_cassette("named here") { expect(get("n")).to eq "ok n" }
  end

  it "uses a helper" do
    with_tape("one") { expect(get("h")).to eq "ok h" }
  end

  # VCR.use_cassette("named_orphan")
end
"""
RSPEC_ORPHANS = {
    "Chat/_ask/was_renamed": "no test of that name",
    "Chat/with_gamma": "no test of that name",
    "Chat/untagged/works": "does not play it",
    "Chat/behaves_like_a_client/drops": "no test of that name",
    "named_orphan": "nothing that names it",
    "helper/two": "nothing that names it",
    "Gone/does_things": "no test of that name",
}
RSPEC_PENDING = "Chat/_ask/is_pending"


def rspec_suite(root: Path) -> Path:
    """Write a suite with VCR's metadata under RSpec: groups, shared examples, a loop, a pending example, orphans."""
    used = {
        "Chat/_ask/returns_an_answer": "ask", "Chat/_ask/when_busy/waits_two_seconds_": "busy", RSPEC_PENDING: "p",
        "Chat/with_alpha": "alpha", "Chat/with_beta": "beta", "Chat/behaves_like_a_client/lists": "list",
        "named_here": "n", "given/by_name": "g", "helper/one": "h",
    }  # fmt: skip
    every = {**used, **dict.fromkeys(RSPEC_ORPHANS, "old")}
    return lay(root, {
        **{f"spec/cassettes/{name}.yml": rubyvcr(path) for name, path in every.items()},
        "spec/spec_helper.rb": RSPEC_HELPER, "spec/chat_spec.rb": RSPEC,
    })  # fmt: skip


GO = """package chat

import (
	"io/ioutil"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/dnaeon/go-vcr/recorder"
)

func get(t *testing.T, cassette, path string) {
	r, err := recorder.New(cassette)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Stop()
	resp, err := (&http.Client{Transport: r}).Get("http://api.example.test/" + path)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := ioutil.ReadAll(resp.Body)
	if string(body) != "ok "+path {
		t.Fatal(string(body))
	}
}

func own(t *testing.T, path string) {
	get(t, filepath.Join("testdata", t.Name()), path)
}

func TestPlain(t *testing.T) { own(t, "plain") }

func TestTable(t *testing.T) {
	tests := []struct{ name, path string }{
		{name: "first case", path: "a"},
		{name: "second", path: "b"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) { own(t, tc.path) })
	}
}

func inner(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		own(t, "i")
	})
}

func TestNested(t *testing.T) {
	t.Run("outer", func(t *testing.T) {
		inner(t)
	})
	for name, path := range map[string]string{"one": "a"} {
		t.Run(name, func(t *testing.T) {
			own(t, path)
		})
	}
}

func TestSkipped(t *testing.T) {
	t.Skip("later")
	own(t, "s")
}

func TestNamed(t *testing.T) { get(t, "testdata/named", "n") }
"""
GO_ORPHANS = ("TestGone", "TestTable/third", "TestNested/outer/was", "TestNested/outer/one", "TestNested/two", "orphan")
GO_SKIPPED = "TestSkipped"


def go_suite(root: Path) -> Path:
    """Write a package with go-vcr: a table, subtests of a helper, a skipped test, orphans."""
    used = {
        "TestPlain": "plain", "TestTable/first_case": "a", "TestTable/second": "b", "TestNested/outer/inner": "i",
        "TestNested/one": "a", GO_SKIPPED: "s", "named": "n",
    }  # fmt: skip
    every = {**used, **dict.fromkeys(GO_ORPHANS, "old")}
    return lay(root, {
        **{f"testdata/{name}.yaml": govcr(path) for name, path in every.items()}, "chat_test.go": GO,
    })  # fmt: skip


def listed(out: str) -> dict[str, str]:
    """Return paths and reasons as `unused` prints them."""
    return dict(line.split("  ", 1) for line in out.splitlines())


def named(folder: str, names: Iterable[str], suffix: str) -> set[str]:
    """Return paths of cassettes by their names."""
    return {f"{folder}/{name}{suffix}" for name in names}

"""The manual page: every verb and option, and nothing that groff complains of."""

import shutil
import subprocess

import pytest

from cassette_cli.app import VERBS


@pytest.fixture
def page(cassette) -> str:
    done = cassette("--man")
    assert (done.code, done.err) == (0, "")
    return done.out


def test_every_verb_stands_with_its_examples(page: str):
    for verb in VERBS:
        assert (f'.SS "cassette {verb.name}"' in page) == (not verb.hidden)
        assert all(example.replace("\\", r"\e").replace("-", r"\-") in page for example in verb.examples)


def test_what_most_verbs_share_is_told_once(page: str):
    assert page.count(r"\fB\-\-max\-body SIZE\fR") == 1
    assert page.count(r"\fB\-r, \-\-reassemble\fR") == 1


def test_it_is_ascii(page: str):
    assert page.isascii()
    assert r"\[u2026]" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_reads_it_without_a_warning(page: str):
    command = ["groff", "-man", "-Tutf8", "-ww", "-P-c"]
    done = subprocess.run(command, input=page.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    assert (
        "cassette ls \u2010\u2010status 4xx" in done.stdout.decode()
        or "cassette ls --status 4xx" in done.stdout.decode()
    )

"""Bodies in files beside the cassette: shown, searched, redacted; said where they are not followed."""

import json
import os

import pytest

from commands.git_support import make, quiet_git

TOKEN = "sk-" + "ant-api03-" + "Q7z" * 12
BODY = json.dumps({"colour": "teal", "key": TOKEN})


def har(name, side="response"):
    """Return a HAR whose body stands in a file, as Playwright writes it."""
    request = {"method": "POST", "url": "https://a.example/h", "headers": [], "bodySize": -1}
    content = {"size": len(BODY), "mimeType": "application/json", "_file": name}
    response = {"status": 200, "headers": [], "content": {"size": 0, "mimeType": ""}, "bodySize": -1}
    if side == "response":
        response["content"] = content
    else:
        request["postData"] = content
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}, indent=1)


ROPENSCI = """http_interactions:
- request: {{method: GET, uri: 'https://a.example/h'}}
  response:
    status: 200
    headers: {{content-type: application/json}}
    body: {{{body}}}
  recorded_at: 2024-01-01 12:00:00
recorded_with: VCR-vcr/2.0.0
"""

CASSETTES = {
    "har": ("a.har", har("body1.json")),
    "har request": ("a.har", har("body1.json", "request")),
    "on_disk": ("a.yml", ROPENSCI.format(body="on_disk: body1.json")),
    "file": ("a.yml", ROPENSCI.format(body="encoding: UTF-8, file: yes, string: body1.json")),
}


@pytest.fixture(params=CASSETTES)
def recorded(request, write, tmp_path):
    """Return the path of a cassette of each kind, whose body is in `body1.json`."""
    name, text = CASSETTES[request.param]
    write("body1.json", BODY)
    return write(name, text)


def test_it_is_shown_and_found(cassette, recorded):
    shown = cassette("show", recorded)
    assert (shown.code, "teal" in shown.out, "attached file" in shown.out) == (0, True, True)
    assert cassette("ls", "--grep", "te[a]l", recorded).out
    assert cassette("ls", "--grep", "purple", recorded).out == ""
    assert "unread" not in cassette("ls", "--json", recorded).out


def test_it_is_redacted_in_its_own_file_alone(cassette, recorded, tmp_path):
    before = recorded.read_bytes()
    body = tmp_path / "body1.json"
    text = body.read_text("utf-8")
    checked = cassette("redact", "--check", recorded)
    assert (checked.code, "1 to redact" in checked.err) == (1, True)
    assert body.read_text("utf-8") == text
    inode = body.stat().st_ino
    assert cassette("redact", recorded).code == 0
    assert body.read_text("utf-8") == text.replace(TOKEN, "REDACTED")
    assert body.stat().st_ino != inode  # replaced, not written into
    if recorded.suffix == ".har":
        before = before.replace(b'"size": %d' % len(BODY), b'"size": %d' % body.stat().st_size)
    assert recorded.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == sorted([recorded.name, "body1.json"])
    assert cassette("redact", "--check", recorded).code == 0


def test_what_stays_in_place_goes_to_no_other_file(cassette, recorded, tmp_path):
    before = (tmp_path / "body1.json").read_bytes()
    result = cassette("redact", recorded, "-o", tmp_path / "copy.har")
    assert (result.code, "body1.json" in result.err) == (2, True)
    assert (tmp_path / "body1.json").read_bytes() == before
    assert not (tmp_path / "copy.har").exists()


def test_a_missing_one_is_said_everywhere(cassette, recorded, tmp_path):
    (tmp_path / "body1.json").unlink()
    why = "the body is in body1.json: no such file"
    row = cassette("ls", recorded).out
    assert row.rstrip().rpartition("\t")[2].startswith("unread: re")
    assert json.loads(cassette("ls", "--json", recorded).out)["unread"]
    assert why in cassette("show", recorded).out
    (document,) = map(json.loads, cassette("show", "--json", recorded).out.splitlines())
    assert document["interactions"][0]["unread"][0]["reason"] == why
    checked = cassette("redact", "--check", recorded)
    assert (checked.code, f"UNSCANNED  {why}" in checked.out) == (1, True)
    found = cassette("check", recorded)
    assert (found.code, found.out.count("CAS")) == (1, 1)
    assert f"CAS017 #0 {why}" in found.out
    assert "CAS017 #0" in cassette("check", recorded, "--select", "secret").out
    assert "CAS017 #0" in cassette("check", recorded, "--select", "unscanned").out
    assert cassette("check", f"{recorded}#0", "--select", "missing-body").code == 1
    assert cassette("check", recorded, "--ignore", "missing-body").code == 0


@pytest.mark.parametrize("place", ["../secret.json", "{root}/secret.json", "link.json", "deep/../../secret.json"])
def test_none_is_followed_outside_of_the_folder(cassette, write, tmp_path, place):
    inside = tmp_path / "inside"
    (inside / "deep").mkdir(parents=True)
    outside = write("secret.json", BODY)
    (inside / "link.json").symlink_to(outside)
    path = write("inside/a.har", har(place.format(root=tmp_path)))
    result = cassette("redact", path)
    assert "outside of the cassette's folder" in result.out
    assert outside.read_text("utf-8") == BODY
    assert "teal" not in cassette("show", path).out


def test_from_standard_input_none_is_followed(cassette, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("body1.json", "teal")
    shown = cassette("show", "-", stdin=har("body1.json").encode())
    assert ("teal" in shown.out, "read without its folder" in shown.out) == (False, True)


def test_one_that_two_share_is_changed_once(cassette, write, tmp_path):
    log = json.loads(har("body1.json"))
    log["log"]["entries"] *= 2
    path = write("a.har", json.dumps(log))
    write("body1.json", json.dumps({"key": TOKEN}))
    assert cassette("redact", path).code == 0
    assert json.loads((tmp_path / "body1.json").read_text("utf-8")) == {"key": "REDACTED"}


@pytest.fixture
def two(recorded, tmp_path):
    """Return the cassette in two folders, which differ in the attached body alone."""
    for name, colour in (("old", "teal"), ("new", "plum")):
        (tmp_path / name).mkdir()
        (tmp_path / name / recorded.name).write_bytes(recorded.read_bytes())
        (tmp_path / name / "body1.json").write_text(BODY.replace("teal", colour))
    return tmp_path / "old" / recorded.name, tmp_path / "new" / recorded.name


def test_two_are_compared_with_their_bodies(cassette, two):
    for old, new in (two, (two[0].parent, two[1].parent)):
        result = cassette("diff", "--exit-code", old, new)
        assert (result.code, "teal" in result.out, "plum" in result.out, result.err) == (1, True, True, "")
        assert cassette("diff", "--exit-code", old, old).code == 0


@pytest.mark.parametrize("committed", [False, True])
def test_a_body_that_changed_in_git_is_a_change_of_its_cassette(cassette, recorded, tmp_path, monkeypatch, committed):
    quiet_git(monkeypatch, tmp_path)
    repo = make(tmp_path / "repo")
    name = f"a b/{recorded.name}"
    repo.write(name, recorded.read_bytes())
    repo.write("a b/body1.json", BODY)
    repo.write("c.yaml", "a: 1")
    repo.commit()
    monkeypatch.chdir(repo.folder)
    repo.write("a b/body1.json", BODY.replace("teal", "plum"))
    repo.write("c.yaml", "a: 2")
    if committed:
        repo.commit()
    for args in (
        (["HEAD^", "HEAD"], ["HEAD^..HEAD"], [f"HEAD^:{name}", f"HEAD:{name}"]) if committed else ([], ["HEAD"])
    ):
        result = cassette("diff", "--exit-code", *args)
        assert (result.code, result.err, name in result.out) == (1, "", True), args
        assert ("teal" in result.out, "plum" in result.out) == (True, True)
    repo.git("add", "-A")
    assert ("plum" in cassette("diff", "--staged").out) != committed

"""The hooks for VCR.py and pytest-recording, judged by the recorders: no secret in the file, and replay works."""

import importlib.util
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

vcr = pytest.importorskip("vcr")
requests = pytest.importorskip("requests")

from cassette_cli import recording  # noqa: E402
from cassette_cli.errors import UsageError  # noqa: E402

EVERYTHING = ["method", "scheme", "host", "port", "path", "query", "headers", "body"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()  # no settings above
    return tmp_path


def post(url: str, secrets: Any, **options: Any) -> Any:
    return requests.post(url + secrets.path(), json=secrets.json(), headers=secrets.headers(), timeout=10, **options)


def test_nothing_secret_is_recorded_and_replay_matches_by_everything(echo, first, other, folder, cassette) -> None:
    path = folder / "a.yaml"
    recorder = vcr.VCR(**recording.hooks(folder), match_on=EVERYTHING)
    with recorder.use_cassette(str(path)):
        live = post(echo, first)
    assert all(secret in live.text for secret in first.all[:4]), "the program itself sees everything"
    text = path.read_text()
    assert not [secret for secret in first.all if secret in text]
    assert "Bearer REDACTED" in text
    assert "sid=REDACTED; Path=/" in text
    assert "api_key=REDACTED&page=2" in text
    assert cassette("redact", "--check", str(path)).code == 0
    for secrets in (first, other):
        with recorder.use_cassette(str(path), record_mode="none") as played:
            again = post(echo, secrets)
        assert played.play_count == 1
        assert "REDACTED" in again.text


def test_what_is_written_is_what_redact_writes(echo, first, folder, cassette) -> None:
    plain, hooked = folder / "plain.yaml", folder / "hooked.yaml"
    with vcr.VCR().use_cassette(str(plain)):
        post(echo, first)
    with vcr.VCR(**recording.hooks(folder)).use_cassette(str(hooked)):
        post(echo, first)
    assert cassette("redact", str(plain)).code == 0
    found = [vcr.serializers.yamlserializer.deserialize(path.read_text())["interactions"] for path in (plain, hooked)]
    for interactions in found:
        interactions[0]["response"]["headers"].pop("Date")
    assert found[0] == found[1]


@pytest.mark.parametrize("decoded", [True, False])
def test_compressed_answers(echo, first, folder, decoded) -> None:
    path = folder / "a.yaml"
    recorder = vcr.VCR(**recording.hooks(folder), decode_compressed_response=decoded)
    address = f"{echo}/gzip?token={first.token}"
    with recorder.use_cassette(str(path)):
        assert first.token in requests.get(address, timeout=10).text
    with recorder.use_cassette(str(path), record_mode="none"):
        again = requests.get(address, timeout=10).json()
    assert again["path"] == "/gzip?token=REDACTED"


def test_the_live_request_is_left_alone_and_a_clean_one_is_the_same_object(first, folder) -> None:
    hook = recording.hooks(folder)["before_record_request"]
    clean = vcr.request.Request("POST", "https://api.example.com/v1", b'{"n": 1}', {"Accept": "*/*"})
    assert hook(clean) is clean
    secret = vcr.request.Request(
        "POST", f"https://api.example.com/?api_key={first.key}", b"x" + b"\xff", {"X-Api-Key": first.key}
    )
    changed = hook(secret)
    assert (changed.uri, changed.headers["X-Api-Key"], changed.body) == (
        "https://api.example.com/?api_key=REDACTED",
        "REDACTED",
        b"x\xff",
    )
    assert secret.uri.endswith(first.key)
    assert secret.headers["X-Api-Key"] == first.key
    again = hook(changed)
    assert (again.uri, again.headers, again.body) == (changed.uri, changed.headers, changed.body), (
        "a second look is clean"
    )


@pytest.mark.parametrize("kind", ["text", "file", "pieces", "none"])
def test_bodies_of_every_kind(first, folder, kind) -> None:
    import io

    text = f"grant_type=password&password={first.password}"
    body = {
        "text": text,
        "file": io.BytesIO(text.encode()),
        "pieces": iter([text[:30].encode(), text[30:].encode()]),
        "none": None,
    }[kind]
    request = vcr.request.Request(
        "POST", "https://api.example.com/token", body, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    changed = recording.hooks(folder)["before_record_request"](request)
    found = changed.body
    if kind == "file":
        found = found.read()
    elif kind == "pieces":
        found = b"".join(found)
    assert found == (None if kind == "none" else b"grant_type=password&password=REDACTED")


def test_odd_texts_go_there_and_back(folder) -> None:
    hooks = recording.hooks(folder)
    odd = 'é\u2028\x85\U0001f600 "quoted" \\ {a: b} #c'
    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"X-Odd": ["a: b", "{c}"], "X-Api-Key": ["kX1f0b9c3e5d7a4e2b8c"]},
        "body": {"string": odd.encode()},
    }
    changed = hooks["before_record_response"](response)
    assert changed["headers"] == {"X-Odd": ["a: b", "{c}"], "X-Api-Key": ["REDACTED"]}
    assert changed["body"]["string"] == odd.encode()
    assert changed["status"] == response["status"]
    assert response["headers"]["X-Api-Key"] == ["kX1f0b9c3e5d7a4e2b8c"], "the answer of the program is left alone"


def test_settings_count(echo, first, folder) -> None:
    (folder / "pyproject.toml").write_text("[tool.cassette.redact]\nplaceholder = 'GONE'\njson-keys = ['note']\n")
    path = folder / "a.yaml"
    with vcr.VCR(**recording.hooks(folder)).use_cassette(str(path)):
        post(echo, first)
    text = path.read_text()
    assert "Bearer GONE" in text
    assert '"note": "GONE"' in text
    assert "REDACTED" not in text
    (folder / "pyproject.toml").write_text("[tool.cassette.redact]\nlevels = ['nope']\n")
    with pytest.raises(UsageError, match="nope"):
        recording.hooks(folder)["before_record_request"](vcr.request.Request("GET", "https://a.example/", None, {}))


def test_what_could_not_be_looked_into_is_said(folder) -> None:
    response = {"headers": {"Content-Encoding": ["gzip"]}, "body": {"string": b"\x1f\x8b\x08no gzip at all"}}
    with pytest.warns(recording.NotScannedWarning, match=r"response\.body"):
        assert recording.hooks(folder)["before_record_response"](response) == response


def test_pytest_recording(echo, first, other, folder) -> None:
    if importlib.util.find_spec("pytest_recording") is None:
        pytest.skip("no pytest-recording here")
    (folder / "conftest.py").write_text(
        textwrap.dedent("""
            import pytest
            from cassette_cli import recording

            @pytest.fixture(scope="session")
            def vcr_config():
                return recording.hooks()
        """)
    )

    def run(secrets: Any, *options: str) -> None:
        (folder / "test_it.py").write_text(
            textwrap.dedent(f"""
                import pytest, requests

                @pytest.mark.vcr
                def test_it():
                    got = requests.post({echo + secrets.path()!r}, json={secrets.json()!r}, headers={secrets.headers()!r})
                    assert got.status_code == 200
            """)
        )
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_it.py"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    run(first, "--record-mode=once")
    (path,) = folder.rglob("*.yaml")
    text = path.read_text()
    assert not [secret for secret in first.all if secret in text]
    run(other, "--record-mode=none", "--block-network")

"""Where changed text goes, and that nothing else is touched on the way."""

import gzip
import os
from pathlib import Path

import pytest

from cassette_cli.errors import EditError, SaveError, UnreadableFileError, UsageError
from cassette_cli.operations.saving import Destination, difference, rewrite, store
from cassette_cli.source import save
from cassette_cli.source.edits import Replace
from operations.trim_support import cassette_text, load_file

TEXT = cassette_text("data: {}\n\n")


def url_edit(path: Path, new: str) -> tuple[object, list[Replace]]:
    loaded = load_file(path)
    node = loaded.cassette.interactions[0].request.url_node
    assert node is not None
    return loaded, [Replace.all(node, new)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.yaml"
    found.write_text(TEXT, "utf-8")
    return found


def test_edits_that_change_nothing_give_no_document(path: Path) -> None:
    loaded, edits = url_edit(path, load_file(path).cassette.interactions[0].request.url)
    assert rewrite(loaded, edits) is None  # type: ignore[arg-type]


def test_an_edit_outside_its_scalar_is_refused(path: Path) -> None:
    loaded, (edit,) = url_edit(path, "https://example.org/")
    with pytest.raises(EditError):
        rewrite(loaded, [Replace(edit.node, ((0, 10_000, ""),))])  # type: ignore[arg-type]


def test_the_new_text_takes_the_old_ones_place(path: Path) -> None:
    path.chmod(0o640)
    loaded, edits = url_edit(path, "https://example.org/")
    after = rewrite(loaded, edits)  # type: ignore[arg-type]
    assert store(loaded, after, Destination()) is True  # type: ignore[arg-type]
    assert path.read_text("utf-8") == TEXT.replace(
        "https://api.example.com/v1/chat/completions", "https://example.org/"
    )
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("destination", [Destination(check=True), Destination(diff=True)])
def test_nothing_is_written_where_nothing_was_asked_for(path: Path, destination: Destination) -> None:
    loaded, edits = url_edit(path, "https://example.org/")
    assert store(loaded, rewrite(loaded, edits), destination) is False  # type: ignore[arg-type]
    assert path.read_text("utf-8") == TEXT


@pytest.mark.parametrize(("name", "packed"), [("b.yaml", False), ("b.yaml.gz", True)])
def test_the_name_of_an_output_file_says_how_it_is_packed(path: Path, name: str, packed: bool) -> None:
    new = path.with_name(name)
    store(load_file(path), None, Destination(str(new)))
    raw = new.read_bytes()
    assert (gzip.decompress(raw) if packed else raw) == TEXT.encode()


def test_a_difference_hides_what_the_mask_hides(path: Path) -> None:
    loaded, edits = url_edit(path, "https://example.org/")
    lines = list(difference(loaded, rewrite(loaded, edits), lambda line: line.replace("api", "***")))  # type: ignore[arg-type]
    assert "-        url: https://***.example.com/v1/chat/completions" in lines
    assert "+        url: https://example.org/" in lines


@pytest.mark.parametrize(
    ("destination", "named"),
    [
        (Destination("b.yaml", check=True), ["a.yaml"]),
        (Destination("b.yaml"), ["a.yaml", "c.yaml"]),
        (Destination("b.yaml"), ["."]),
    ],
)
def test_an_output_that_does_not_fit_is_an_error_of_usage(destination: Destination, named: list[str]) -> None:
    with pytest.raises(UsageError):
        destination.fits(named)


def test_an_output_may_be_a_device(path: Path) -> None:
    assert store(load_file(path), None, Destination(os.devnull)) is False


def test_an_output_may_not_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        save.write(tmp_path, b"")


def test_an_output_in_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="cannot be written"):
        save.write(tmp_path / "none" / "b.yaml", b"")


def test_an_existing_output_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_bytes(b"old")
    path.chmod(0o600)
    save.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left"

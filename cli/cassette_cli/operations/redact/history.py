"""The versions of cassettes that git holds: a secret that was ever committed can still be read."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cassette_cli import git
from cassette_cli.errors import CassetteError, NotACassetteError
from cassette_cli.formats import registry
from cassette_cli.operations.loading import Loaded, looks_recorded
from cassette_cli.operations.redact.findings.accepted import Baseline
from cassette_cli.operations.redact.redacting import redact
from cassette_cli.operations.redact.scanning import Plan
from cassette_cli.operations.redact.summary import Summary
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import is_cassette_name
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document

_SHOWN = 12


class Asked(NamedTuple):
    """What of the history is looked through: revisions as `git log` takes them, none for all branches and tags."""

    revisions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    input_format: str | None = None


def summaries(
    asked: Asked,
    plan: Plan,
    selection: Selection,
    failed: Callable[[CassetteError], None],
    *,
    baseline: Baseline | None = None,
) -> Iterator[Summary]:
    """Yield what every version of every cassette holds, each blob once: by the first commit that has it.

    The path of a version is `COMMIT:PATH`, as `git show` takes it. What looks recorded and cannot be read goes to
    `failed`. Raises `UsageError` outside of a repository, `GitError` for a revision that git does not know.
    """
    repository = git.Repository()
    with repository.blobs() as blobs:
        for version in repository.versions(asked.revisions, asked.paths):
            if not is_cassette_name(version.path):
                continue
            name = f"{version.commit[:_SHOWN]}:{version.path}"
            raw = blobs.read(version.oid)
            try:
                loaded = _loaded(raw, name, selection, asked.input_format)
                yield redact(loaded, plan, edit=False, baseline=baseline).summary()
            except NotACassetteError:
                continue
            except CassetteError as error:
                if looks_recorded(raw, name):
                    failed(error)


def _loaded(raw: bytes, name: str, selection: Selection, input_format: str | None) -> Loaded:
    size = len(raw)
    raw, codec = unwrap(raw, name)
    if not raw or raw.isspace():
        raise NotACassetteError("the file is empty", path=name)
    return Loaded(registry.load(Document(raw, name), input_format), selection, size, codec=codec)

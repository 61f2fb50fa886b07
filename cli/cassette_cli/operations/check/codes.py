"""The table of checks, from which the command, its messages and the page `cli/docs/checks.md` are made."""

from typing import Final

from cassette_cli.operations.check import files, interactions
from cassette_cli.operations.check.base import Check

CHECKS: Final = (
    Check("CAS001", "unreadable", "error", "the file cannot be read or parsed, or a part of it is malformed",
          file=files.unreadable),
    Check("CAS002", "unknown-version", "error", "a recording whose recorder or version is not known"),
    Check("CAS003", "secret", "error", "a secret that `cassette redact` would remove", file=files.secret),
    Check("CAS004", "cut-stream", "error", "a stream that ends before its answer does", interactions.cut_stream),
    Check("CAS005", "failed-stream", "error", "a stream in which the provider reports an error",
          interactions.failed_stream),
    Check("CAS006", "wrong-length", "warning", "a Content-Length that is not that of the body",
          interactions.wrong_length),
    Check("CAS007", "duplicate", "warning", "an interaction that was recorded before, request and response alike",
          file=files.duplicate, default=False),
    Check("CAS008", "empty-deltas", "warning", "chunks that carry nothing; `cassette trim` removes them",
          interactions.empty_deltas),
    Check("CAS009", "large-body", "warning", "a body over the size that --max-size allows", interactions.large_body),
    Check("CAS010", "old", "warning", "a recording older than --max-age allows", interactions.old),
    Check("CAS011", "no-response", "error", "a request without a recorded response", interactions.no_response),
    Check("CAS012", "other-recorder", "error", "a recording of a recorder that cassette knows and does not read"),
    Check("CAS013", "unscanned", "error", "a part that could not be read, and so not searched for secrets",
          file=files.unscanned),
    Check("CAS014", "recorded-error", "warning", "status 429 or 5xx among answers of the same host that succeeded",
          file=files.recorded_error),
    Check("CAS015", "retired-model", "warning", "a request for a model that its provider has retired",
          interactions.retired_model, default=False),
    Check("CAS016", "conflict", "error", "a merge conflict that nobody has resolved"),
    Check("CAS017", "missing-body", "error", "a body in a file beside the cassette that is not there",
          file=files.missing_body),
)  # fmt: skip

BY_CODE: Final = {one.code: one for one in CHECKS}


def table() -> str:
    """Return the table of codes in Markdown."""
    rows = ["| code | name | finds | severity | on |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.code} | {one.name} | {one.about} | {one.severity} | {'yes' if one.default else 'when selected'} |"
        for one in CHECKS
    ]
    return "\n".join(rows) + "\n"

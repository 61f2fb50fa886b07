"""The table of checks, from which the command, its messages and the page `cli/docs/checks.md` are made."""

from typing import Final

from cassette_cli.operations.check import files, interactions
from cassette_cli.operations.check.base import Check

CHECKS: Final = (
    Check("CAS001", "unreadable", "error", "the file cannot be read or parsed, or a part of it is malformed",
          file=files.unreadable,
          why="The recorder would refuse it too, or replay something else than was recorded. The message says in which"
              " line: mend it there, for instance where a merge left its marks, or record it again.",
          example="chat.yaml:12: CAS001 not valid YAML: did not find expected key"),
    Check("CAS002", "unknown-version", "error", "a recording whose recorder or version is not known",
          file=files.unknown_version,
          why="It opens as recordings do and no format claims it, so that nothing of it was looked at. If it is of a"
              " recorder that `cassette` reads, --input-format names that. Of an unknown version of a known format,"
              " what is like the known ones was looked at.",
          example="tape.json:1: CAS002 not a cassette of a known recorder"),
    Check("CAS003", "secret", "error", "a secret that `cassette redact` would remove", file=files.secret,
          why="Who can read the repository can read it, and its history keeps it. Run `cassette redact`, then revoke"
           " the secret if it was ever committed. What is none goes into `allow` or the baseline of"
           " [tool.cassette.redact].",
          example="chat.yaml:9: CAS003 #0 openai in request.headers authorization: sk-(hidden 48)"),
    Check("CAS004", "cut-stream", "error", "a stream that ends before its answer does", interactions.cut_stream,
          why="The program that was recorded stopped reading, or the connection broke. On replay a client sees an"
           " answer without an end: no finish reason, no usage. Record it again, unless that is what the test is"
           " about.",
          example="chat.yaml:4: CAS004 #0 the stream ends before its answer does"),
    Check("CAS005", "failed-stream", "error", "a stream in which the provider reports an error",
          interactions.failed_stream,
          why="The status is 200 and the error comes inside of the stream, where it is easily overlooked: the test may"
              " pass over half an answer. Record it again, unless that is what the test is about.",
          example="chat.yaml:4: CAS005 #0 Overloaded"),
    Check("CAS006", "wrong-length", "warning", "a Content-Length that is not that of the body",
          interactions.wrong_length,
          why="The body was edited by hand, and its length was not. A strict client cuts the body or waits for more."
              " `cassette edit` and `cassette set` keep lengths right; here set the header, or remove it.",
          example="chat.yaml:30: CAS006 #1 the response states 218 bytes, its body has 231"),
    Check("CAS007", "duplicate", "warning", "an interaction that was recorded before, request and response alike",
          file=files.duplicate, default=False,
          why="Recorders that replay an interaction more than once need it once only. A client that polls records equal"
              " answers, and there each of them is needed: for that the check is off unless it is selected.",
          example="jobs.yaml:88: CAS007 #5 the same as interaction 4"),
    Check("CAS008", "empty-deltas", "warning", "chunks that carry nothing; `cassette trim` removes them",
          interactions.empty_deltas,
          why="Providers open and end streams with deltas that hold no text, and some send them in between. No"
           " client can tell whether they are there, and they make a recording long to read.",
          example="chat.yaml:4: CAS008 #0 40 of 73 chunks carry nothing"),
    Check("CAS009", "large-body", "warning", "a body over the size that --max-size allows", interactions.large_body,
          why="Large bodies slow down clones, reviews and tests. Ask for less while recording, such as a smaller image"
              " or page, or raise --max-size; `cassette stats` lists the largest files.",
          example="image.yaml:4: CAS009 #0 the response body has 3,412,004 bytes"),
    Check("CAS010", "old", "warning", "a recording older than --max-age allows", interactions.old,
          why="An API changes, and a test that replays an old answer goes on passing. The age is that of the recorder's"
              " own note, or of the response's Date. Record it again.",
          example="chat.yaml:4: CAS010 #0 recorded 2023-05-04, 812 days ago"),
    Check("CAS011", "no-response", "error", "a request without a recorded response", interactions.no_response,
          why="The program or the connection ended before an answer came. Replay fails there, or has nothing to give."
              " Record it again, or remove it with `cassette rm FILE#N`.",
          example="chat.yaml:51: CAS011 #2 no response was recorded"),
    Check("CAS012", "other-recorder", "error", "a recording of a recorder that cassette knows and does not read",
          why="Nothing of it was looked at: it may hold secrets. Look through it by other means, and leave it out with"
              " --exclude once that is done.",
          example="tape.json5:1: CAS012 a recording of talkback, which cassette does not read"),
    Check("CAS013", "unscanned", "error", "a part that could not be read, and so not searched for secrets",
          file=files.unscanned,
          why="A body is damaged, cut short, or compressed in a way that is not known; a field is none that the"
              " recorder is known to write; or a value is of a kind that it never writes there, such as a status of"
              " letters. `cassette show` says what it is. Remove it, or search it for secrets by other means.",
          example="chat.yaml:20: CAS013 #0 response.chunks: a field that the recorder is not known to write"),
    Check("CAS014", "recorded-error", "warning", "status 429 or 5xx among answers of the same host that succeeded",
          file=files.recorded_error,
          why="The server was busy or broken while this was recorded, and the client tried again or went on. The test"
              " replays that forever. Record it again, or remove it with `cassette rm FILE#N` where the same request"
              " succeeded later. A file whose name speaks of errors, limits or retries is passed over.",
          example="upload.yaml:51: CAS014 #2 status 503, while the same request succeeded in #3"),
    Check("CAS015", "retired-model", "warning", "a request for a model that its provider has retired",
          interactions.retired_model, default=False,
          why="The recording still replays, and nobody can make it again: the provider refuses the model. Move the test"
              " to another one before you need to record. The setting `models` names a list of your own. Off unless it"
              " is selected, for an older suite has many.",
          example="chat.yaml:4: CAS015 #0 gpt-4-32k was retired on 2025-06-06; its provider recommends gpt-4o"),
    Check("CAS016", "conflict", "error", "a merge conflict that nobody has resolved",
          why="The file is no cassette as it stands, and its recorder refuses it. `cassette diff --conflict` shows what"
              " both sides recorded; take one with `git checkout --ours` or `--theirs`, or record it again.",
          example="chat.yaml:12: CAS016 unresolved merge conflict (ours: HEAD, theirs: main)"),
    Check("CAS017", "missing-body", "error", "a body in a file beside the cassette that is not there",
          file=files.missing_body,
          why="Replay fails there, or answers with nothing. The file was not committed, or was moved: put it back, or"
              " record it again.",
          example="recording.har:12: CAS017 #0 the body is in a1b2.json: no such file"),
    Check("CAS018", "unused", "warning", "a cassette that no test used, by the runs that --used-log names",
          file=files.unused, default=False,
          why="Its test is gone, was renamed, or plays it no more. It costs time in reviews, searches for secrets and"
              " clones. Remove it, as `cassette unused --rm` does. A run in which its test was skipped does not count.",
          example="gone.yaml:1: CAS018 not opened; no test of that name: tests/test_chat.py has no test_gone"),
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

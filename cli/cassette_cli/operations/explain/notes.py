"""The notes that `cassette show` prints, and what they mean.

A note is written where it is found, in `model`, `streams` or `providers`; a test holds that each of them is here.
"""

import re
from typing import Final, NamedTuple


class Note(NamedTuple):
    """A kind of note: its name, a regular expression that finds it, what it means, and an example."""

    name: str
    finds: str
    text: str
    example: str
    words: tuple[str, ...] = ()
    """Other names for it."""

    def is_found(self, told: str) -> bool:
        """Say whether a text is such a note, or a part of one."""
        return re.search(self.finds, told, re.IGNORECASE) is not None


NOTES: Final = (
    Note(
        "cut-stream", r"stream was cut|is not complete|stream ends|connection ended before|ends inside a frame",
        "The stream stops before its protocol says that it is over, as with a finish reason, `[DONE]` or message_stop."
        " What came until then is shown. A client that replays it sees an answer without an end, and many SDKs raise an"
        " error. `cassette check` finds it as CAS004.",
        "note: the stream was cut: no finish_reason was sent", ("not complete", "incomplete stream"),
    ),
    Note(
        "cut-data", r"(data|body) is cut short|cut in the middle of a character|not decoded whole",
        "Compressed data, a multipart body, or text in several bytes a character, ends too early: the recorder stopped"
        " while it was being received. What could be decoded up to there is shown, and searched; of compressed data"
        " `cassette check` reports the rest as CAS013.",
        "note: the gzip data is cut short: shown is what it holds up to there", ("cut short", "truncated"),
    ),
    Note(
        "not-json", r"is not JSON|hold no JSON|are not JSON",
        "A frame of a stream whose data should be JSON, and is none: it was damaged, or edited by hand. SDKs fail on"
        " such a frame or skip it. The frame is left out of the answer.",
        "note: frame 7: its data is not JSON, and SDKs would fail on it or skip it",
    ),
    Note(
        "unknown-protocol", r"no known protocol",
        "No protocol that `cassette` knows claimed the stream, or the body: `cassette protocols` lists those that it"
        " knows and what they claim. The data of the frames is shown in place of an answer. --protocol NAME forces"
        " one.",
        "note: no known protocol claimed this stream; what follows is the data of its frames, not a message",
        ("generic",),
    ),
    Note(
        "stored-plain", r"the body is stored plain",
        "A header names a content coding, such as gzip, and the body is no longer in it: many recorders take the coding"
        " off and leave the header. Nothing is wrong with the recording where its recorder knows of this.",
        "note: the header says gzip, the body is stored plain", ("content-encoding",),
    ),
    Note(
        "undeclared-coding", r"no header says so",
        "The body is compressed although no Content-Encoding says so. It is decoded all the same; a client that goes by"
        " the headers hands the program compressed bytes.",
        "note: the body is gzip, and no header says so",
    ),
    Note(
        "stored-as-is", r"is shown as it is stored",
        "A coding could not be taken off: the data is damaged, larger than --max-body, or in a coding that needs a"
        " package that is not installed. The note says which. What is encoded was not searched: `cassette redact`"
        " and `cassette grep` report it, too.",
        "note: the gzip body is shown as it is stored: the data is corrupt", ("shown as it is stored", "damaged"),
    ),
    Note(
        "unknown-coding", r"no content coding known",
        "Content-Encoding names something that is no coding in the registry of HTTP, or one that `cassette` does not"
        " take off. The body is shown as it is stored.",
        "note: the header says 'snappy', which is no content coding known here",
    ),
    Note(
        "trailing-bytes", r"bytes stand (after|behind) the end",
        "Behind the end of compressed data stands something else, which no client reads. `cassette redact` looks"
        " into it and cannot change it.",
        "note: 12 bytes stand after the end of the gzip data", ("trailing",),
    ),
    Note(
        "charset", r"charset|not UTF-8|Latin-1",
        "The text is not in the charset that its Content-Type or the recorder names. It is read as UTF-8 where that"
        " fits, else as Latin-1, in which every byte is a letter: accents may be wrong.",
        "note: the body is not UTF-8: shown as Latin-1", ("latin-1", "encoding"),
    ),
    Note(
        "form", r"has no boundary|encodes nothing",
        "The body is not what its type says: a multipart body without the line that separates its parts, or a form in"
        " which a % is not followed by two hexadecimal digits. Servers may refuse it or read something else.",
        "note: the form has '%zz', which encodes nothing", ("multipart", "boundary"),
    ),
    Note(
        "byte-order-mark", r"byte order mark",
        "The stream opens with U+FEFF. Several SDKs take it for a part of the first field, and lose the first event.",
        "note: the stream opens with a byte order mark: several SDKs lose its first event", ("bom",),
    ),
    Note(
        "no-blank-line", r"no blank line after it",
        "An event of a stream ends with a blank line, and the last one has none. By the standard it is dropped; several"
        " SDKs read it all the same. It is shown.",
        "note: the last event has no blank line after it: several SDKs lose it",
    ),
    Note(
        "no-comma", r"without a comma",
        "The stream is a JSON array that is sent piece by piece, and between two of its elements a comma is missing.",
        "note: character 512: elements of the array without a comma between them",
    ),
    Note(
        "checksum", r"checksum|headers are malformed|wrong checksums or headers|not a message",
        "A message of an AWS event stream has a length, headers and two checksums (CRC-32), and one of them is"
        " wrong: the bytes were changed by something that does not know the format. SDKs refuse the message.",
        "note: frame 3: wrong message checksum, SDKs refuse it", ("crc",),
    ),
    Note(
        "ignored-error", r"error is sent as an SSE field",
        "The provider sent `error: …` as a field of its own in place of an event. The standard has clients ignore"
        " fields that they do not know, so that the program saw a stream that ended, and no error.",
        "note: an error is sent as an SSE field, which SDKs ignore in silence",
    ),
    Note(
        "assumed-end", r"taken as complete|marks no end|complete as far as can be known",
        "The protocol has no sure sign of the end, or the usual one is missing and another one is there. The answer is"
        " taken as complete; a stream that was cut at this place would look the same.",
        "note: no finish_reason was sent; [DONE] was, so the stream is taken as complete",
    ),
    Note(
        "not-finished",
        r"not finished|response is incomplete|run is incomplete|run has not ended|response \w+ is \w+:",
        "The stream came to its end, and the provider says that the answer did not: it was still at work, ran into a"
        " limit of tokens, or was stopped by a filter. The note has the provider's reason.",
        "note: the response is incomplete: max_output_tokens", ("incomplete",),
    ),
    Note(
        "resumed", r"stream resumes",
        "The client asked for a stream from the middle (`starting_after`): what came before is in another"
        " interaction, or in none.",
        "note: the stream resumes at event 14: what came before is not in it",
    ),
    Note(
        "left-out", r"left out|left alone",
        "The stream holds more than the answer that is shown: events or deltas of a type that is not known, traces,"
        " or the log probabilities of tokens. `cassette show` without -r has every frame.",
        "note: a delta of the unknown type thinking_summary is left out", ("unknown type", "logprobs"),
    ),
    Note(
        "broken-blocks", r"block that never began|sent under index",
        "The provider numbers the parts of an answer, and the numbers do not fit: SDKs fail, or join two parts into"
        " one. What is shown is what the provider meant, as far as can be told.",
        "note: tool call call_b was sent under index 0, which call_a has already: SDKs join the two into one",
    ),
    Note(
        "guardrail", r"guardrail|content filter|watsonx warns|provider says|server says|trace tells",
        "The words of the provider about its answer: a filter of contents acted, or something failed or was changed"
        " on the way. They are not a part of the answer.",
        "note: Azure's content filter acted: violence", ("content filter",),
    ),
    Note(
        "session", r"user interrupted|was not transcribed|was deleted from|was played up to",
        "In a session over a WebSocket the user, or the client, changed what was said: interrupted an answer,"
        " deleted an item, or sent sound of which there is no transcript.",
        "note: the user interrupted response 2",
    ),
    Note(
        "not-read", r"is not read|not known to write|\bunread\b",
        "A part of the recording that `cassette` does not look into: a field that its recorder is not known to"
        " write, a file beside it that is missing, or what an unknown version of its format adds. `cassette ls` marks"
        " the interaction with !, `check` finds it as CAS013, CAS017 or CAS002.",
        "note: response.chunks is not read: a field that the recorder is not known to write", ("!",),
    ),
    Note(
        "unscanned", r"\bunscanned\b|could not be (looked into|searched|scanned)",
        "A part in which `cassette redact` could not look for secrets. It counts in the exit code, for a secret may"
        " be in it.",
        "chat.yaml:20  #0  response.body  UNSCANNED  the data is corrupt",
    ),
    Note(
        "no-response", r"no response|error was recorded",
        "The recording has a request and no answer to it: the program or the connection ended before one came.",
        "── no response: no response was recorded",
    ),
)  # fmt: skip

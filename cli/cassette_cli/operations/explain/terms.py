"""The words that `cassette` uses, each with its meaning and an example: the glossary of the documentation."""

from typing import Final, NamedTuple


class Term(NamedTuple):
    """A word, what it means, and where it is met; `words` are other forms of it."""

    name: str
    about: str
    example: str
    words: tuple[str, ...] = ()


TERMS: Final = (
    Term("cassette", "a file of recorded HTTP", "cassette ls tests/cassettes/chat.yaml", ("tape", "recording")),
    Term(
        "interaction",
        "one recorded call: a request and its response; they are counted from 0",
        "cassette show chat.yaml#2",
        ("call", "exchange", "request", "response"),
    ),
    Term("recorder", "the library or tool that wrote a cassette", "cassette ls names it: go-vcr v2, vcrpy, har"),
    Term(
        "format",
        "how a recorder writes its files; `--input-format` names one where the contents do not tell",
        "cassette ls --input-format vcrpy odd-name.txt",
    ),
    Term(
        "body",
        "what a request or a response carries, with every encoding around it taken off where it is shown",
        "cassette show --raw chat.yaml#0",
        ("payload",),
    ),
    Term(
        "layer",
        "one encoding around a body: base64, gzip, chunked, a charset; `show` prints them from the file inwards",
        "── response  base64 › gzip › UTF-8 · 1.2 kB",
        ("layers",),
    ),
    Term(
        "coding",
        "a compression that Content-Encoding names: gzip, deflate, br, zstd (RFC 9110, 8.4)",
        "cassette decode chat.yaml",
        ("content coding",),
    ),
    Term(
        "framing",
        "how a stream is cut into frames; `cassette protocols` lists those that are known",
        "#0 POST https://api.example.com/v1/chat/completions → 200  openai-chat over sse",
    ),
    Term(
        "frame",
        "one event, line or message of a stream",
        "usage 19 in → 11 out · 11 frames (1 empty)",
        ("frames", "event", "events"),
    ),
    Term(
        "delta",
        "what one frame of a stream adds to the answer",
        'data: {"choices": [{"delta": {"content": "High"}}]}',
        ("deltas",),
    ),
    Term(
        "chunk",
        "a piece of a stream as its provider calls it, or of a chunked body",
        "40 of 73 chunks carry nothing",
        ("chunks",),
    ),
    Term(
        "empty",
        "a delta without which every client rebuilds the same answer; `trim` drops those",
        "examples/govcr-streamed-chat.yaml: 73 −40 frames, of which 40 are empty",
        ("empty delta", "empty deltas"),
    ),
    Term(
        "ping",
        "a comment or an event that only keeps a connection open; `trim --pings` drops those",
        ": OPENROUTER PROCESSING",
        ("pings", "keep-alive", "keepalive"),
    ),
    Term(
        "coalesce",
        "to merge neighbouring deltas of one field into one frame; the answer stays the same",
        "cassette trim --coalesce=200 chat.yaml",
        ("coalescing", "merge"),
    ),
    Term(
        "protocol",
        "the shape of a provider's stream, by which its answer is rebuilt",
        "cassette show -r --protocol gemini a.yaml",
    ),
    Term(
        "message",
        "what a stream is rebuilt to: choices, tool calls, reasoning, usage, finish reason",
        "cassette show -r chat.yaml",
        ("answer",),
    ),
    Term(
        "reassemble",
        "to rebuild a streamed answer as the provider's own SDK would hand it to the program",
        "cassette show --reassemble chat.yaml",
        ("rebuild",),
    ),
    Term(
        "choice",
        "one of the answers to one request, where several were asked for",
        "── assistant (choice 1)",
        ("choices", "candidate"),
    ),
    Term(
        "tool call",
        "what a model asks the program to do: a name and arguments, mostly JSON",
        "tool call tide_table  call_example_a",
        ("tool calls", "function call"),
    ),
    Term(
        "reasoning",
        "what a model thinks before it answers, as far as its provider hands it out",
        "reasoning … end of reasoning",
        ("thinking",),
    ),
    Term(
        "finish reason",
        "why an answer ended, in the provider's words",
        "finish stop · usage 151 in → 27 out",
        ("finish", "stop reason"),
    ),
    Term(
        "usage", "the tokens of request and answer as the provider counted them", "usage 151 in → 27 out", ("tokens",)
    ),
    Term(
        "rule", "what a secret is to `redact`, or what is volatile to `diff`", "cassette rules; cassette diff --rules"
    ),
    Term("level", "how far `redact` goes: secrets, ids, pii, volatile", "cassette redact --level secrets,pii a.yaml"),
    Term(
        "finding",
        "a match of a rule that is taken for a secret, with its place",
        "chat.yaml:9  #0  request.headers authorization  openai  sk-(hidden 48)  fp:…",
        ("findings",),
    ),
    Term(
        "placeholder",
        "what `redact` writes in place of a secret; the same secret gets the same one everywhere",
        "Authorization: Bearer REDACTED",
        ("redacted",),
    ),
    Term(
        "mask",
        "to hide a secret in what is printed: its public prefix stays, and its length",
        "sk-(hidden 48)",
        ("hidden", "masked"),
    ),
    Term(
        "fingerprint",
        "what stands for a secret in baselines and allow-lists, and does not tell it",
        'allow = ["fp:0123456789abcdef0123"]',
        ("fp",),
    ),
    Term("baseline", "a file of findings that a project accepts", "cassette redact --write-baseline"),
    Term(
        "volatile",
        "what differs on every recording by its nature; `diff` counts it and does not call it a change",
        "9 volatile: 5 ids, 2 times, 1 client-versions, 1 durations",
        ("volatile difference",),
    ),
    Term(
        "may match",
        "what `why` says of a recording where too little of the request is known to be sure that it is replayed",
        "chat.yaml#0 may match POST https://api.example.com/v1/chat",
        ("undecided", "too little of the request is known"),
    ),
    Term(
        "played already",
        "what `why` says where a recording matches and its recorder has replayed it before: it replays each once",
        "chat.yaml#0 matches POST https://api.example.com/v1/chat, and was played already",
        ("was played already", "played"),
    ),
    Term(
        "compared by",
        "the parts of a request by which its recorder looks for a recording, and who says so",
        "compared by method, uri (default of go-vcr)",
        ("matcher", "matches by", "match_on", "not compared"),
    ),
)


def table() -> str:
    """Return the glossary in Markdown."""
    return "\n".join(["| word | meaning |", "|---|---|", *(f"| {one.name} | {one.about} |" for one in TERMS)]) + "\n"

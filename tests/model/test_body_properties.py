"""Any edit of any text through any stack: the body then reads as it was asked to, and nothing else changed."""

import base64
import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.model.body import Body
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60).filter(lambda text: "\0" not in text)
PLAIN = st.text(st.sampled_from("ab \n:#'\"\\\té\u2713\U0001f600-{}[],&*!|>%@`"), max_size=60)


@st.composite
def edits(draw):
    """Draw a text and parts of it that do not overlap, each with its new text."""
    text = draw(st.one_of(TEXT, PLAIN))
    marks = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    return text, [(start, end, draw(st.one_of(TEXT, PLAIN))) for start, end in dict(pairs).items()]


def expected(text, parts):
    out, at = "", 0
    for start, end, new in parts:
        out += text[at:start] + new
        at = end
    return out + text[at:]


def check(document, storage, text, parts, **more):
    body = Body(document.root.get("body"), storage, **more)
    if body.payload != text:  # such as a text of control characters alone, which is taken for bytes
        return
    wanted = expected(text, parts)
    after = apply(document, body.edit(parts))
    changed = Body(after.root.get("body"), storage, **more)
    assert changed.data == wanted.encode()
    assert after.root.get("after").value == "1"
    back = apply(after, changed.replace(text)) if isinstance(changed.payload, str) else None
    if back is not None:
        assert Body(back.root.get("body"), storage, **more).payload == text


@given(edits())
def test_text_in_json(drawn):
    text, parts = drawn
    check(Document(json.dumps({"body": text, "after": 1}).encode()), "text", text, parts)


@given(edits())
def test_gzip_in_base64(drawn):
    text, parts = drawn
    data = base64.encodebytes(gzip.compress(text.encode(), mtime=0)).decode()
    source = "body: !!binary |\n" + "".join(f"  {line}\n" for line in data.splitlines()) + "after: 1\n"
    check(
        Document(source.encode()), "base64", text, parts, content_encoding="gzip", content_type="text/plain", width=76
    )


@given(edits(), st.integers(1, 7))
def test_chunks(drawn, size):
    text, parts = drawn
    chunks = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    check(Document(json.dumps({"body": chunks, "after": 1}).encode()), "chunks", text, parts)

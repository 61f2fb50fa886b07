"""Bodies that a cassette keeps in files beside it, put in the place of what its format did not read.

HAR's `_file` as Playwright writes it (`packages/playwright-core/src/server/har/harTracer.ts`, content "attach");
`on_disk` of rOpenSci's vcr 2, and `file: yes` beside a `string` that is a path of its version 1
(`R/serialize-body.R`); `body_file` of Python's `responses` (`responses/_recorder.py`); `bodyFileName`, which
recorders took over from WireMock.
"""

from cassette_cli.errors import CassetteError
from cassette_cli.formats import base
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Interaction, Unread
from cassette_cli.source.attached import MissingAttachmentError
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import AttachedNode, Node

NAMES_FILES = r"[^A-Za-z0-9_](_file|on_disk|body_file|bodyFileName|file: *(yes|true))"
"""What a cassette that keeps bodies in files holds; a regular expression that Python and `git grep -E` read alike."""
_NAMES_FILES = pattern(NAMES_FILES.encode())
_WORDS = (b"_file", b"on_disk", b"bodyFileName", b"file: ")


def names_files(raw: bytes) -> bool:
    """Say whether a cassette may keep bodies in files beside it."""
    # Over the test corpus the two take 25 ms, the expression alone 54.
    return any(word in raw for word in _WORDS) and _NAMES_FILES.search(raw) is not None


def bodies(cassette: Cassette) -> bytes:
    """Return the bytes of all bodies that a cassette keeps in files."""
    sides = (side for one in cassette.interactions for side in (one.request, one.response) if side is not None)
    return b"".join(side.body.node.raw for side in sides if isinstance(side.body.node, AttachedNode))


def follow(document: Document, interaction: Interaction) -> Interaction:
    """Read the bodies that an interaction keeps in files; what is not followed says why."""
    left: list[Unread] = []
    for one in interaction.unread:
        *_, key = one.where.split(".")
        if key == "file" and one.node.value.lower() in ("yes", "true"):
            left += _follow(document, interaction, one, _parent(interaction, one).get("string"))
        elif key in base.ATTACHED - {"file"} and one.node.kind == "scalar" and one.node.value:
            left += _follow(document, interaction, one, one.node)
        elif key != "file" or one.node.value.lower() not in ("no", "false"):
            left.append(one)
    interaction.unread = left
    return interaction


def _follow(document: Document, interaction: Interaction, one: Unread, name: Node | None) -> list[Unread]:
    side = interaction.request if one.where.startswith("request") else interaction.response
    if side is None or name is None:
        return [one]
    try:
        node = document.attachments.node(name)
    except CassetteError as error:
        missing = isinstance(error, MissingAttachmentError)
        return [Unread(one.where, one.node, one.interaction, error.message, missing)]
    parent = _parent(interaction, one)
    media = base.text(parent.get("mimeType") or parent.get("content_type")) or None
    declared = side.headers.get("content-type") or media
    lengths = base.lengths(parent.get("size"))
    side.body = Body(node, "file", headers=side.headers, content_type=declared, lengths=lengths, decoded=True)
    return []


def _parent(interaction: Interaction, one: Unread) -> Node:
    """Return the mapping that holds a part: the format has found it by the same names."""
    node = interaction.node
    for key in one.where.split(".")[:-1]:
        node = node.get(key) or node
    return node

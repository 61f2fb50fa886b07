"""Images, sound and files inside requests: shown by type and size, never decoded."""

from cassette_cli.model.message import Part, PartKind


def decoded_size(base64_text: str) -> int:
    """Return how many bytes a base64 text stands for."""
    text = base64_text.rstrip("=\r\n ")
    return len(text) * 3 // 4


def media(kind: PartKind, base64_text: str, media_type: str | None, name: str | None = None) -> Part:
    """Describe bytes that are inline as base64."""
    return Part(kind, media_type=media_type, size=decoded_size(base64_text), name=name)


def data_url(kind: PartKind, address: str, name: str | None = None) -> Part:
    """Describe what a URL points to; the bytes of a `data:` URL (RFC 2397) are measured, not kept."""
    if not address.startswith("data:"):
        return Part(kind, url=address or None, name=name)
    head, _, data = address[5:].partition(",")
    media_type = head.partition(";")[0] or None
    size = decoded_size(data) if head.endswith(";base64") else len(data)
    return Part(kind, media_type=media_type, size=size, name=name)

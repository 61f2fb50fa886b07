"""The lossless layer: text to nodes with spans, edits to text, text to disk. Splice, never dump."""

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Remove, Replace
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.verify import apply

__all__ = ["Document", "Edit", "Node", "Remove", "Replace", "apply", "walk"]

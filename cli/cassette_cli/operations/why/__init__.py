"""`cassette why`: which recording is nearest to a request, and what differs, by the recorder's own rule of matching.

`explain` is the entry for other programs, such as a plugin of a test runner; `render.why.text` writes what it returns.
"""

from cassette_cli.operations.why.asked import Asked, asked
from cassette_cli.operations.why.explaining import Explanation, explain

__all__ = ["Asked", "Explanation", "asked", "explain"]

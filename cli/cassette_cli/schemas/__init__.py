"""JSON Schemas, a file each: of every `--json` output, named after its verb (2020-12), and of the settings (draft-07).

They are written by hand. The documents are made by functions that leave out, rename and add to the records behind
them, so a generator would need each shape a second time, as code; a file is read and diffed as the contract that it
is. Tests hold every output to its file, and every file to the outputs.
"""

import os

_FOLDER = os.path.dirname(__file__)


def names() -> list[str]:
    """Return the names of all schemas, A to Z."""
    return sorted(name.removesuffix(".json") for name in os.listdir(_FOLDER) if name.endswith(".json"))


def text(name: str) -> str:
    """Return a schema as it stands in its file; raises `FileNotFoundError` where there is none."""
    with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:
        return file.read()

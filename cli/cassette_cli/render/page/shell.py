"""What every page has: one document with its styles and scripts inside, and a policy that lets nothing else run.

Everything recorded is written as text, or as data that the page's own script writes as text; a
Content-Security-Policy (W3C, CSP 3) keeps even a mistake from running.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from html import escape as _html
from importlib import resources
from typing import Any

from cassette_cli.render.inert import inert, inert_line

_SCRIPTS = {"diff": ("page.js", "diff.js"), "suite": ("page.js", "plots.js", "detail.js", "suite.js")}


def escape(text: str) -> str:
    """Return text for HTML, control characters shown."""
    return _html(inert(text), quote=True)


@cache
def asset(name: str) -> str:
    """Return a file of this package: a style, a script, markup."""
    return resources.files("cassette_cli.render.page").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def opening(name: str, title: str, *, parts: bool = False) -> str:
    """Return a page up to its body, with the style of `page.css` and `NAME.css`.

    The policy knows this style and the script of `script` by their hashes; with `parts`, that script may load others.
    """
    style, script = asset("page.css") + asset(f"{name}.css"), _script(name)
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    policy += " 'strict-dynamic'" if parts else ""
    policy += "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types "
    policy += "parts" if parts else "'none'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(inert_line(title))}</title>
<style>{style}</style>
</head>
"""


def script(name: str) -> str:
    """Return the script of a page, which runs where it stands: behind all that it looks for."""
    return f"<script>{_script(name)}</script>\n"


def _script(name: str) -> str:
    return "".join(map(asset, _SCRIPTS[name]))


def tree(things: Iterable[tuple[str, Any]], leaf: Callable[[str, Any], str]) -> str:
    """Return things by the folders of their paths, as a list; folders that hold one folder only are one line."""
    root: dict[str, Any] = {}
    for path, thing in things:
        *folders, name = path.split("/")
        holder = root
        for folder in folders:
            holder = holder.setdefault(folder + "/", {})
        holder[name] = thing
    return _branch(root, leaf)


def _branch(node: dict[str, Any], leaf: Callable[[str, Any], str]) -> str:
    out = []
    for name, item in node.items():
        if not isinstance(item, dict):
            out.append(leaf(name, item))
            continue
        label = name
        while len(item) == 1 and isinstance(next(iter(item.values())), dict):
            ((deeper, item),) = item.items()  # noqa: PLW2901 - the chain of folders is one line
            label += deeper
        title = escape(inert_line(label)).replace("/", "/<wbr>")
        out.append(f"<li><details open><summary>{title}</summary><ul>{_branch(item, leaf)}</ul></details></li>")
    return "".join(out)

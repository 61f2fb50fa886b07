"""The names that are most like one that there is not."""

import re
from collections.abc import Iterable


def folded(name: str) -> str:
    """Return a name as it is compared: case, and what stands between its words, do not count."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def nearest(asked: str, known: Iterable[str]) -> list[str]:
    """Return the names that are most like one: those that hold it, then those that are spelled alike."""
    import difflib

    names = {folded(name): name for name in known}
    wanted = folded(asked)
    holding = sorted((name for name in names if len(wanted) > 2 and wanted in name), key=lambda name: (len(name), name))
    alike = difflib.get_close_matches(wanted, names, n=4, cutoff=0.6)
    return [names[name] for name in dict.fromkeys([*holding[:3], *alike])][:5]


def hint(asked: str, known: Iterable[str], otherwise: str) -> str:
    """Return a hint at the nearest names; `otherwise` where none is like the one that was asked for."""
    near = nearest(asked, known)
    if not near:
        return otherwise
    return f"did you mean {near[0]}?" if len(near) == 1 else f"the nearest are {', '.join(near)}"

"""Regular expressions that are compiled when they are first used: most runs use few, and compiling takes longest."""

import re
from typing import Any, AnyStr, cast


class _Later:
    """Stands for a compiled pattern; what was asked for once is found without a detour."""

    def __init__(self, text: Any, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__.setdefault("_made", re.compile(self._text, self._flags))
        found = self.__dict__[name] = getattr(made, name)
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used."""
    return cast("re.Pattern[AnyStr]", _Later(text, flags))

"""What is made when it is first used: compiling all patterns, and importing all formats, takes as long as most runs."""

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, AnyStr, Generic, Self, TypeVar, cast, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - a decorator
    """As `functools.cached_property`, which takes a lock before Python 3.12: of a listing, without it, a sixtieth.

    The value is kept in the instance's `__dict__` under its name: to drop it there is to forget it.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


class _Pattern:
    """Stands for a compiled pattern; what was asked of it once is found without a detour."""

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
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class Listed(Sequence[T]):
    """What the modules of a package name alike, in order: each is imported when it is reached."""

    def __init__(self, package: str, attribute: str, names: Sequence[str]) -> None:
        self._package = package
        self._attribute = attribute
        self._names = names
        self._made: dict[str, T] = {}

    def _one(self, name: str) -> T:
        if name not in self._made:
            self._made[name] = getattr(import_module(f"{self._package}.{name}"), self._attribute)
        return self._made[name]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[T]:
        return map(self._one, self._names)

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...

    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        return list(self)[at] if isinstance(at, slice) else self._one(self._names[at])

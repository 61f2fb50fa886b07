"""What trim is to drop: the options of the command line over the project's settings over the defaults."""

from typing import NamedTuple

from cassette_cli.config import Section
from cassette_cli.errors import UsageError
from cassette_cli.operations.trim.volatile import droppable

SETTINGS = ("all", "coalesce", "empty", "headers", "padding", "pings", "volatile-headers")
"""The keys of `[tool.cassette.trim]`."""


class Options(NamedTuple):
    """What to drop. `coalesce` is the most characters of a joined delta, 0 for any number, None for no joining.

    `headers` are the names and globs of the headers to drop, empty for none.
    """

    empty: bool = True
    padding: bool = False
    pings: bool = False
    coalesce: int | None = None
    headers: tuple[str, ...] = ()

    @property
    def streams(self) -> bool:
        """Whether anything inside streams is to go."""
        return self.empty or self.padding or self.pings or self.coalesce is not None


def chosen(
    settings: Section,
    *,
    everything: bool = False,
    empty: bool | None = None,
    padding: bool | None = None,
    pings: bool | None = None,
    coalesce: str | None = None,
    headers: str | None = None,
) -> Options:
    """Return the options; what the command line leaves open (None) is as the settings say.

    `everything` and the setting `all` stand for all but `coalesce`. Raises `UsageError` for a value
    that an option does not have.
    """
    settings.known(*SETTINGS)
    every = everything or settings.flag("all")
    names = droppable(settings.texts("volatile-headers"))
    return Options(
        empty=settings.flag("empty", default=True) if empty is None else empty,
        padding=(every or settings.flag("padding")) if padding is None else padding,
        pings=(every or settings.flag("pings")) if pings is None else pings,
        coalesce=_coalesce_setting(settings) if coalesce is None else _limit(coalesce),
        headers=names if _wants_headers(headers, settings, every=every) else (),
    )


def header_names(settings: Section) -> tuple[str, ...]:
    """Return the names that `--headers volatile` drops, as `--list-headers` shows them."""
    settings.known(*SETTINGS)
    return droppable(settings.texts("volatile-headers"))


def _limit(text: str) -> int | None:
    if text in ("all", "none"):
        return 0 if text == "all" else None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise UsageError(f"invalid --coalesce {text!r}: expected a number of characters, such as 200, or no value")


def _coalesce_setting(settings: Section) -> int | None:
    value = settings.values.get("coalesce", False)
    if isinstance(value, bool):
        return 0 if value else None
    number = settings.number("coalesce")
    if number is None or number < 0:
        raise settings.wrong("coalesce", "must be true, false or a number of characters")
    return number


def _wants_headers(given: str | None, settings: Section, *, every: bool) -> bool:
    value = settings.text("headers") if given is None else given
    if value not in (None, "volatile", "none"):
        if given is None:
            raise settings.wrong("headers", "must be volatile or none")
        raise UsageError(f"invalid --headers {given!r}: expected volatile or none")
    if value is None:
        return every
    # The command line's --all is asked for after the settings were written.
    return value == "volatile"

"""The command line that is being run: `__main__` notes it, and `jobs` starts workers with it."""

from collections.abc import Callable


class Command:
    """The command line that is run, and by what: where processes are not forked, the workers run it, too."""

    arguments: list[str]
    run: Callable[[list[str]], object] | None = None

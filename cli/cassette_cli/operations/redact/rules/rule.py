"""One rule of the catalogue: data, with samples that the tests run."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

Level = Literal["secrets", "ids", "pii", "volatile"]
LEVEL_ABOUTS: Final[dict[Level, str]] = {
    "secrets": "tokens, keys, passwords, session cookies, signatures",
    "ids": "organisations, projects, workspaces, accounts",
    "pii": "mail and IP addresses, phone numbers, cards, IBANs, US SSNs",
    "volatile": "request ids, cookies of CDNs",
}


class Rule(NamedTuple):
    """What a secret is.

    `name` is in kebab-case and unique; it is what `--allow`, placeholders by rule and SARIF refer to. `about` says in
    a few words what it finds. `pattern` is a regular expression: its group `secret` is what goes, else all of the
    match; "" for rules that a detector knows otherwise. One of `literals` occurs in every match. `hosts` are globs of
    the hosts with which the rule counts; none means any. `validate` tells a match from what only looks like one, as a
    checksum does. At least `behind` characters of a token follow a literal: many a literal is short and common. In samples and counterexamples `{~}` stands where a scanner would take them for real, and is to be
    taken out.
    """

    name: str
    about: str
    pattern: str = ""
    literals: tuple[str, ...] = ()
    level: Level = "secrets"
    hosts: tuple[str, ...] = ()
    validate: Callable[[str], bool] | None = None
    samples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    of_user: bool = False
    behind: int = 0

"""Data of persons: looked for where the level `pii` is asked for.

Mail addresses by RFC 5321, addresses by RFC 4291, phone numbers by E.164 and the North American plan, card numbers by
ISO/IEC 7812 with its check digit, IBANs by ISO 13616, social security numbers by the US administration's rules.
"""

import ipaddress

from cassette_cli.operations.redact.rules.rule import Rule

_IBAN_LENGTHS = {
    text[:2]: int(text[2:])
    for text in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 "
        "LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 "
        "QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
}
_FILES = frozenset("png jpg jpeg gif svg webp avif ico css js html json yaml yml lock".split())
_NO_NUMBERS = frozenset(("078-05-1120", "219-09-9999"))
"""Social security numbers that were printed in advertisements, and belong to nobody."""


def is_mail(value: str) -> bool:
    """Say whether a mail address is one: no picture for dense screens (`icon@2x.png`), no decorator in a patch."""
    named = any(map(str.isalnum, value.partition("@")[0]))
    return named and value.rpartition(".")[2].lower() not in _FILES


def is_ipv4(value: str) -> bool:
    """Say whether an address is one of a machine: not of loopback, nowhere, a mask, or a version."""
    return not value.startswith(("127.", "0.", "255.255.255.")) and not value.endswith(".0.0.0")


def is_ipv6(value: str) -> bool:
    """Say whether this is an IPv6 address other than loopback, and no name of C++."""
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and sum(map(str.isalnum, value)) >= 6


def is_phone(value: str) -> bool:
    """Say whether the digits are as many as a phone number has: 8 to 15."""
    return 8 <= sum(map(str.isdigit, value)) <= 15


def is_card(value: str) -> bool:
    """Say whether the digits are a card's: of an issuer's range, of its length, with the check digit of Luhn."""
    digits = "".join(char for char in value if char.isdigit())
    if not _is_issued(digits) or len(set(digits)) < 2:
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(number - 9 if number > 9 else number for number in doubled)) % 10 == 0


def _is_issued(digits: str) -> bool:
    length, first, two, four = len(digits), digits[0], int(digits[:2]), int(digits[:4])
    return (
        (first == "4" and length in (13, 16, 19))
        or (
            length == 16
            and (51 <= two <= 55 or 2221 <= four <= 2720 or two == 65 or four == 6011 or 6440 <= four <= 6499)
        )
        or (length == 15 and two in (34, 37))
        or (length == 14 and (3000 <= four <= 3059 or two in (36, 38, 39)))
        or (16 <= length <= 19 and (3528 <= four <= 3589 or two == 62))
    )


def is_iban(value: str) -> bool:
    """Say whether an account number has its country's length and the right check digits (mod 97)."""
    text = value.replace(" ", "").replace("-", "")
    if len(text) != _IBAN_LENGTHS.get(text[:2]):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def is_social_security_number(value: str) -> bool:
    """Say whether a number was never printed as an example."""
    return value not in _NO_NUMBERS


# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("email", "e-mail addresses", r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![A-Za-z0-9@-])", ("@",), "pii", validate=is_mail,
         samples=("fake.person@example.com", "write to o'fake+tag@mail.example.co.uk."), counterexamples=("@decorator.name", "git@host:repo", "user@localhost", "rustc-hash@2.1.1", "icon@2x.png", "+@pytest.mark.slow")),
    Rule("ipv4", "IPv4 addresses, save those of loopback and nowhere", r"(?<![A-Za-z0-9.-])(?<![A-Za-z]/)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![A-Za-z0-9-]|\.\d)",
         (".",), "pii", validate=is_ipv4, samples=("198.51.100.7", "from 10.1.2.3:8080."), counterexamples=("127.0.0.1", "0.0.0.0", "1.2.3", "1.2.3.4.5", "Chrome/120.0.0.0")),  # noqa: S104 - a counterexample
    Rule("ipv6", "IPv6 addresses, save those of loopback and nowhere", r"(?<![A-Za-z0-9:.-])[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![A-Za-z0-9:])", (":",), "pii", validate=is_ipv6,
         samples=("2001:db8:85a3::8a2e:370:7334", "[2001:db8::1:2]", "fe80:0:0:0:1:2:3:4"), counterexamples=("::1", "12:34:56", "aa:bb:cc:dd:ee:ff", "std::dec", "a::b")),
    Rule("phone", "phone numbers in the international form, and with an area code in brackets",
         r"(?<![\w+.-])(?:\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}|\([2-9]\d{2}\) ?\d{3}[-. ]\d{4})(?![\w-]|\.\d)", ("+", "("), "pii", validate=is_phone,
         samples=("+4930123456789", "+1 (202) 555-0123", "(202) 555-0123", "+44 20 7946 0958"), counterexamples=("+1", "a+12345678", "(2026) 01-02")),
    Rule("us-phone", "phone numbers in the North American form",
         r"(?<![\w+.-])(?:1[-.])?[2-9]\d{2}([-.])[2-9]\d{2}\1\d{4}(?![\w-]|\.\d)", ("-", "."), "pii",
         samples=("202-555-0123", "202.555.0123"), counterexamples=("2026-01-02", "555-1234-567", "1.202.555", "202-555.0123")),
    Rule("card", "card numbers, by their check digit", r"(?<![\w.+-])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\w-]|\.\d)", ("2", "3", "4", "5", "6"), "pii", validate=is_card,
         samples=("4242424242424242", "5555 5555 5555 4444", "3782-822463-10005"), counterexamples=("4242424242424241", "1700000000000000", "6666666666666666")),
    Rule("iban", "IBANs, by their check digits", r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", tuple(_IBAN_LENGTHS), "pii", validate=is_iban,
         samples=("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"), counterexamples=("DE89370400440532013001", "GB82 WEST")),
    Rule("us-ssn", "US social security numbers", r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])", ("-",), "pii", validate=is_social_security_number,
         samples=("512-40-7693",), counterexamples=("078-05-1120", "000-12-3456", "900-12-3456", "123-45-67890")),
)
# fmt: on

"""Cookies: the values of `Cookie` and `Set-Cookie` (RFC 6265); names and attributes stay."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.names import CDN_COOKIE, COOKIE, fold, words_of
from cassette_cli.operations.redact.detect.values import is_opaque, is_placeholder, is_plain
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.source.later import pattern

_CDN = frozenset(
    # Cloudflare, AWS, Akamai, Imperva, Azure, Fastly, F5, Google, Meta, HubSpot, Hotjar, and others that count visits
    "__cf_bm __cfruid __cfduid __cflb _cfuvid __cfseq __cfwaitingroom cf_clearance cf_chl_2 cf_chl_prog cf_ob_info cf_use_ob "
    "awsalb awsalbcors awsalbtg awsalbtgcors awselb awselbcors ak_bmsc bm_sv bm_sz bm_mi bm_so bm_s bm_ss bm_lso _abck akacd_ "
    "akaalb_ akavpau_ nlbi_ arraffinity arraffinitysamesite applicationgatewayaffinity applicationgatewayaffinitycors "
    "x-ms-gateway-slice stsservicecookie fpc gcs _ga _gid _gat _gcl_au _gac_ _fbp _fbc _uetsid _uetvid _clck _clsk _hjid "
    "_hjsession _hjsessionuser_ __hstc __hssc __hssrc hubspotutk _mkto_trk _pk_id _pk_ses _scid _tt_enable_cookie _ttp "
    "_dd_s ajs_anonymous_id ajs_user_id optimizelyenduserid amplitude_id _pin_unauth muid anonchk _octo tz dnt guest_id "
    "guest_id_ads guest_id_marketing personalization_id visitor_id vuid nid 1p_jar aec datadome reese84 __utma __utmb "
    "__utmc __utmz _dc_gtm_ mp_ intercom-id intercom-device-id ss_cid ss_cvr optanonconsent optanonalertboxclosed cookieconsent "
    "euconsent-v2 consent cookielawinfoconsent didomi_token __stripe_mid __stripe_sid geo geoip country".split()
)  # fmt: skip
_CDN_OPENINGS = (
    "_ga_", "_gat_", "_gac_", "_gcl_", "_hj", "_pk_", "_dc_gtm_", "__cf", "cf_chl", "awsalb", "awselb", "incap_ses_", "visid_incap_",
    "nlbi_", "akacd_", "akaalb_", "akavpau_", "bigipserver", "ts01", "mp_", "amp_", "amplitude", "intercom-", "optanon", "_uet", "_clck",
    "_hp2_", "__utm", "ajs_", "_ym_", "_shopify_y", "_shopify_s", "cookieconsent", "cookielawinfo", "x-ms-cpim-slice", "fastly_", "bm_",
)  # fmt: skip

_NEXT_COOKIE = pattern(r"[,\n][ \t]{0,8}(?=[^=;,\s]{1,200}=)")
_ATTRIBUTES = frozenset(
    "path domain expires max-age samesite secure httponly priority partitioned version comment".split()
)
_GONE = pattern(r"(?i);\s*(?:max-age=(?:0|-\d+)|expires=(?:[a-z]{3,9}, )?\d\d[ -][a-z]{3}[ -](?:19)?70)\b")
_HARMLESS = pattern(
    r"(?i)(?:deleted|expired|invalid|none|null|true|false|\d{1,10}|[a-z]{2,3}[-_][a-z]{2,4}|[a-z]+/[a-z_]+|gmt[+-]\d+|https?:\S*)"
)


_COUNTING = frozenset(
    "tracker tracking visitor visit visits analytics abtest experiment consent loid edgebucket".split()
)


def cookie_rule(name: str) -> Rule:
    """Return the rule of a cookie: what only says that a CDN or a script looked at a visitor is volatile."""
    lower = name.strip().lower()
    known = lower in _CDN or lower.startswith(_CDN_OPENINGS) or not _COUNTING.isdisjoint(words_of(name))
    return CDN_COOKIE if known else COOKIE


def cookie_values(value: str, *, is_set_cookie: bool = False, own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield the values of cookies, save those too plain to be secret: `theme=dark`, `sid=deleted`."""
    if "=" not in value:
        if is_opaque(value):
            yield Match(0, len(value), COOKIE)
        return
    for start, end in _set_cookies(value) if is_set_cookie else _pairs(value):
        yield from _cookie(value, start, end, own)


def _pairs(value: str) -> Iterator[tuple[int, int]]:
    at = 0
    for pair in value.split(";"):
        yield at, at + len(pair)
        at += len(pair) + 1


def _set_cookies(value: str) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a Set-Cookie header, of several in one line too, save of those that delete a cookie."""
    starts = [0, *(match.end() for match in _NEXT_COOKIE.finditer(value))]
    for start, stop in zip(starts, [*starts[1:], len(value)], strict=True):
        if _GONE.search(value, start, stop) is None:
            pair = re.split(r"[;\n]", value[start:stop], maxsplit=1)[0].rstrip(", ")
            yield start, start + len(pair)


def _cookie(value: str, start: int, end: int, own: tuple[str, ...]) -> Iterator[Match]:
    name, sign, text = value[start:end].partition("=")
    if sign and name.strip().lower() not in _ATTRIBUTES:
        start += len(name) + 1
        for match in cookie_value(name.strip(), text, own):
            yield Match(start + match.start, start + match.end, match.rule, match.key)


def cookie_value(name: str, text: str, own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield the value of one cookie, without its quotes, if it may be secret."""
    core = text.strip()
    start = len(text) - len(text.lstrip())
    if len(core) > 1 and core[0] == core[-1] == '"':
        core, start = core[1:-1], start + 1
    if core and not is_plain(unquote(core)) and not _HARMLESS.fullmatch(core) and not is_placeholder(core, own):
        yield Match(start, start + len(core), cookie_rule(name), name)


def is_cookie_header(name: str) -> bool:
    """Say whether a header holds cookies."""
    return fold(name) in ("cookie", "cookie2", "setcookie", "setcookie2")

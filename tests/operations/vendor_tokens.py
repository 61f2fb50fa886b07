"""Fake tokens of more vendors, by the shapes that they document: fixed texts, and runs of so many characters."""

import random
import string
from collections.abc import Callable

from operations.planting import run

_ALPHABETS = {
    "a": string.ascii_letters + string.digits,
    "h": "0123456789abcdef",
    "l": string.ascii_lowercase + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "d": string.digits,
}
_FORMS: dict[str, tuple[str, ...]] = {
    "discord": ("MT", "a24", ".", "a6", ".", "a38"),
    "mailchimp": ("h32", "-us12"),
    "postman": ("PMAK-", "h24", "-", "h34"),
    "square": ("sq0csp-", "a43"),
    "facebook": ("EAAC", "a120"),
    "bitbucket": ("ATBB", "a32"),
    "cohere": ("co-", "a40"),
    "llamacloud": ("llx-", "a48"),
    "nomic": ("nk-", "a43"),
    "mem0": ("m0-", "a40"),
    "e2b": ("e2b_", "h40"),
    "browserbase": ("bb_live_", "a27"),
    "resend": ("re_", "a8", "_", "a24"),
    "apify": ("apify_api_", "a36"),
    "airtable": ("pat", "a14", ".", "h64"),
    "doppler": ("dp.pt.", "a43"),
    "dynatrace": ("dt0c01.", "u24", ".", "u64"),
    "heroku": ("HRKU-AA", "a58"),
    "hubspot": ("pat-na1-", "h8", "-", "h4", "-", "h4", "-", "h4", "-", "h12"),
    "netlify": ("nfp_", "a36"),
    "fly": ("fo1_", "a43"),
    "pulumi": ("pul-", "h40"),
    "prefect": ("pnu_", "a36"),
    "terraform": ("a14", ".atlasv1.", "a67"),
    "brevo": ("xkeysib-", "h64", "-", "a16"),
    "rubygems": ("rubygems_", "h48"),
    "sourcegraph": ("sgp_", "h16", "_", "h40"),
    "circleci": ("CCIPAT_", "a22", "_", "h40"),
    "buildkite": ("bkua_", "h40"),
    "contentful": ("CFPAT-", "a43"),
    "shippo": ("shippo_live_", "h40"),
    "easypost": ("EZAK", "a54"),
    "openshift": ("sha256~", "a43"),
    "octopus": ("API-", "u26"),
    "onepassword": ("ops_eyJ", "a260"),
    "nuget": ("oy2", "l43"),
    "alibaba": ("LTAI", "a20"),
    "tencent": ("AKID", "a32"),
    "artifactory": ("AKCp", "a69"),
    "entra": ("abc8Q~", "a34"),
    "neon": ("napi_", "l64"),
    "wandb": ("wandb_v1_", "a76"),
    "brave": ("BSA", "a28"),
    "dropbox": ("sl.", "a138"),
    "typeform": ("tfp_", "a59"),
    "runpod": ("rpa_", "u44"),
    "upstage": ("up_", "a29"),
    "braintrust": ("bt-st-", "a48"),
    "langsmith-old": ("ls__", "h32"),
    "yandex": ("AQVN", "a36"),
    "clojars": ("CLOJARS_", "l60"),
    "adobe": ("p8e-", "l32"),
    "asana": ("1/", "d16", ":", "h32"),
    "flutterwave": ("FLWSECK-", "h32", "-X"),
    "readme": ("rdme_", "l70"),
    "duffel": ("duffel_live_", "a43"),
    "scalingo": ("tk-us-", "a48"),
    "infracost": ("ico-", "a32"),
    "razorpay": ("rzp_live_", "a14"),
    "clickup": ("pk_", "d8", "_", "u32"),
    "mapbox": ("sk.eyJ", "a60", ".", "a22"),
}  # fmt: skip


def _made(form: tuple[str, ...]) -> Callable[[random.Random], str]:
    def make(chance: random.Random) -> str:
        return "".join(
            run(chance, _ALPHABETS[part[0]], int(part[1:])) if part[1:].isdigit() and part[0] in _ALPHABETS else part
            for part in form
        )

    return make


VENDORS: dict[str, Callable[[random.Random], str]] = {name: _made(form) for name, form in _FORMS.items()}

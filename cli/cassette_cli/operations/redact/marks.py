"""Which parts of a recording its recorder compares requests by, unless it is told otherwise.

VCR.py: `vcr/config.py` (`match_on`); Ruby VCR: `lib/vcr/cassette.rb` (method, URI); go-vcr:
`pkg/cassette/matcher.go` (all of the request); Betamax: `cassette.py` (method, URI); PHP-VCR:
`Configuration.php` (all request matchers); Polly.js: `matchRequestsBy` (headers, body, URL).
"""

from cassette_cli.operations.redact.places import Place

_WHOLE_REQUEST = ("go-vcr", "php-vcr")


def is_matched(place: Place, recorder: str, where: str) -> bool:
    """Say whether a change in a place may keep the recorder from finding the interaction again."""
    if place.kind == "url":
        return True
    if not recorder.startswith(_WHOLE_REQUEST):
        return False
    return place.side == "request" or ".request." in f".{where}."

"""Ids of accounts, organizations and projects: no secrets, but nobody else's business. Those of one vendor ask for its host."""

from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.rules.shape import DIGITS, HEX, MIXED, UUID, token

_GOOGLE = ("*.googleapis.com", "googleapis.com", "*.google.com", "*.goog")
_EXAMPLE_ACCOUNTS = frozenset(
    "123456789012 111122223333 444455556666 777788889999 000000000000 111111111111 222222222222 333333333333 "
    "444444444444 555555555555 999999999999 012345678901 123456789123".split()
)  # https://docs.aws.amazon.com/ uses these throughout


def _is_account(value: str) -> bool:
    """Say whether an account number is none of those that AWS's documentation uses."""
    return value not in _EXAMPLE_ACCOUNTS


# fmt: off
RULES: tuple[Rule, ...] = (
    token("openai-org", "OpenAI organizations", r"org-[A-Za-z0-9]{24}", "org-", "org-" + MIXED[:24], level="ids"),
    token("openai-project", "OpenAI projects", r"proj_[A-Za-z0-9]{24}", "proj_", "proj_" + MIXED[:24], level="ids"),
    token("openai-user", "OpenAI personal organizations", r"user-[A-Za-z0-9]{24}", "user-", "user-" + MIXED[:24], level="ids"),
    token("anthropic-workspace", "Anthropic workspaces", r"wrkspc_[A-Za-z0-9]{24}", "wrkspc_", "wrkspc_" + MIXED[:24], level="ids"),
    token("stripe-account", "Stripe accounts", r"acct_[A-Za-z0-9]{16}", "acct_", "acct_" + MIXED[:16], level="ids"),
    Rule("aws-arn", "the account number in an ARN", r"arn:aws[a-z-]{0,20}:[a-z0-9-]{1,40}:[a-z0-9-]{0,40}:(?P<secret>\d{12})(?=:)", ("arn:aws",), "ids",
         validate=_is_account, samples=("arn:aws:iam::" + DIGITS[:12] + ":role/x",), counterexamples=("arn:aws:iam::123456789012:role/x", "arn:aws:s3:::bucket")),
    Rule("gcp-project-path", "project numbers in Google's resource names", r"(?<=projects/)(?P<secret>\d{6,14})(?=/)", ("projects/",), "ids", _GOOGLE,
         samples=("projects/" + DIGITS[:12] + "/locations/global",), counterexamples=("projects/my-project/locations",)),
    token("twilio-account", "Twilio accounts", r"AC[0-9a-f]{32}", "AC", "AC" + HEX[:32], level="ids"),
    token("lark-app", "Lark and Feishu app ids", r"cli_(?=[a-zA-Z]{0,15}\d)[A-Za-z0-9]{16}", "cli_", "cli_" + MIXED[:16], level="ids"),
    token("pubnub-keyset", "PubNub publish and subscribe keys", r"(?:pub|sub)-c-[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}", "pub-c- sub-c-", "pub-c-" + UUID, "sub-c-" + UUID, level="ids"),
)
# fmt: on

"""Header lines that differ from one recording to the next and say nothing of the answer.

Dates, request ids, traces, timings, caches, rate-limit counters and cookies, as seen in recordings
of the APIs of OpenAI, Anthropic, Azure, AWS, Google, Mistral, Groq, Cloudflare, Fastly and others.
"""

import fnmatch
from collections.abc import Iterable
from functools import cache

VOLATILE: tuple[str, ...] = (
    "age", "akamai-grn", "amz-sdk-invocation-id", "anthropic-ratelimit-*", "apim-request-id",
    "azureml-model-session", "cf-cache-status", "cf-ray", "date", "dg-request-id", "etag", "expires",
    "inference-id", "last-modified", "mistral-correlation-id", "nel", "openai-processing-ms", "ratelimit-*",
    "report-to", "request-id", "retry-after", "server-timing", "set-cookie", "traceparent", "traceresponse",
    "tracestate", "user-agent", "via", "x-amz-cf-id", "x-amz-cf-pop", "x-amz-date",
    "x-amzn-bedrock-invocation-latency", "x-amzn-requestid", "x-amzn-trace-id", "x-cache", "x-cache-hits",
    "x-cloud-trace-context", "x-correlation-id", "x-datadog-trace-id", "x-debug-trace-id", "x-ds-trace-id",
    "x-envoy-upstream-service-time", "x-fastly-request-id", "x-generation-id", "x-github-request-id",
    "x-global-transaction-id", "x-kong-proxy-latency", "x-kong-request-id", "x-kong-upstream-latency",
    "x-metrics-*", "x-ms-client-request-id", "x-ratelimit-*", "x-request-id", "x-served-by",
    "x-stainless-package-version", "x-stainless-retry-count", "x-stainless-runtime-version", "x-timer",
    "x-trace-id",
)  # fmt: skip
"""Names in lower case; a `*` at the end stands for any ending."""

REPLAYED: tuple[str, ...] = (
    # The same program sends these again on every run, and go-vcr's default matcher compares them.
    "user-agent", "x-stainless-package-version", "x-stainless-retry-count", "x-stainless-runtime-version",
    # Clients wait by it: without it, a replay of a refused request takes another course.
    "retry-after",
)  # fmt: skip
"""Volatile names that a replay needs: what compares recordings passes over them, what edits keeps them."""


def is_volatile(name: str, names: Iterable[str] = VOLATILE) -> bool:
    """Say whether a header of this name is volatile; names are compared without case (RFC 9110, 5.1)."""
    exact, globs = _sorted(tuple(names))
    folded = name.lower()
    return folded in exact or any(fnmatch.fnmatchcase(folded, glob) for glob in globs)


@cache
def _sorted(names: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    globs = tuple(name for name in names if any(char in name for char in "*?["))
    return frozenset(names).difference(globs), globs


def droppable(settings: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the headers that trim drops, by the project's own list.

    `settings` are names and globs; `default` stands for the volatile names that no replay needs, and
    `!name` takes one out again. An empty list is `default`.
    """
    found: dict[str, None] = {}
    for name in tuple(settings) or ("default",):
        folded = name.lower()
        if folded == "default":
            found.update((one, None) for one in VOLATILE if one not in REPLAYED)
        elif folded.startswith("!"):
            kept = folded[1:]
            found = {one: None for one in found if not fnmatch.fnmatchcase(one, kept)}
            found[folded] = None
        else:
            found[folded] = None
    return tuple(found)


@cache
def drops(name: str, names: tuple[str, ...]) -> bool:
    """Say whether trim drops the header, by the names that `droppable` returned."""
    kept = tuple(one[1:] for one in names if one.startswith("!"))
    return is_volatile(name, tuple(one for one in names if not one.startswith("!"))) and not is_volatile(name, kept)

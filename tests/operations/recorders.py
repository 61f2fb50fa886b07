"""Cassettes as every recorder writes them, of exchanges that are made up: text, base64, compressed, in every style."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

from operations.planting import Exchange

Style = str
"""double, single, plain, literal: how a YAML scalar is written where it can be."""


def quoted(text: str, style: Style, indent: str) -> str:
    """Write a string as a YAML scalar in a style, in double quotes where the style cannot hold it."""
    printable = all(c == "\n" or c.isprintable() for c in text)
    if style == "single" and printable and "\n" not in text:
        return "'" + text.replace("'", "''") + "'"
    if style == "literal" and printable and text.strip("\n") and text[0] not in " \n" and not text.endswith("\n\n"):
        body = "".join(f"{indent}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
        return ("|\n" if text.endswith("\n") else "|-\n") + body.rstrip("\n")
    if style == "plain" and text.replace("-", "").replace("_", "").isalnum() and not text.isdigit():
        return text
    return json.dumps(text, ensure_ascii=False)


def yaml(value: Any, style: Style = "double", indent: str = "") -> str:
    """Write a structure as block YAML; bytes become `!!binary`."""
    if isinstance(value, dict) and value:
        return "\n".join(f"{indent}{key}:{_under(one, style, indent)}" for key, one in value.items())
    if isinstance(value, list) and value:
        return "\n".join(f"{indent}-{_item(one, style, indent)}" for one in value)
    return indent + _scalar(value, style, indent)


def _under(value: Any, style: Style, indent: str) -> str:
    if isinstance(value, dict) and value:
        return "\n" + yaml(value, style, indent + "  ")
    if isinstance(value, list) and value:
        return "\n" + yaml(value, style, indent)
    return " " + _scalar(value, style, indent + "  ")


def _item(value: Any, style: Style, indent: str) -> str:
    if isinstance(value, dict | list) and value:
        return " " + yaml(value, style, indent + "  ").lstrip(" ")
    return " " + _scalar(value, style, indent + "  ")


def _scalar(value: Any, style: Style, indent: str) -> str:
    if isinstance(value, bytes):
        text = base64.b64encode(value).decode()
        lines = [text[at : at + 76] for at in range(0, len(text), 76)]
        return "!!binary |\n" + "\n".join(indent + line for line in lines)
    if isinstance(value, str):
        return quoted(value, style, indent)
    return json.dumps(value)


def _size(body: str | bytes) -> str:
    return str(len(body.encode() if isinstance(body, str) else body))


def _with_length(headers: dict[str, list[str]], body: str | bytes) -> dict[str, list[str]]:
    return {**headers, "Content-Length": [_size(body)]}


def vcrpy(one: Exchange, style: Style = "double") -> str:
    """Write as VCR.py does; `extra` stands beside request and response."""
    return yaml({"interactions": [_vcrpy(one)], "version": 1}, style) + "\n"


def _vcrpy(one: Exchange) -> dict[str, Any]:
    request = {
        "body": one.request,
        "headers": _with_length(one.sent, one.request),
        "method": one.method,
        "uri": one.url,
    }
    response = {"body": {"string": one.response}, "headers": _with_length(one.got, one.response),
                "status": {"code": 200, "message": "OK"}}  # fmt: skip
    return {"request": request, "response": response, **one.extra}


def vcrpy_json(one: Exchange) -> str:
    """Write as VCR.py's JSON serializer does."""
    return json.dumps({"version": 1, "interactions": [_vcrpy(one)]}, indent=4) + "\n"


def parallel(one: Exchange) -> str:
    """Write requests and responses side by side, as LangChain's serializer does."""
    both = _vcrpy(one)
    return yaml({"requests": [both["request"]], "responses": [both["response"]], **one.extra}) + "\n"


def govcr(one: Exchange, style: Style = "literal") -> str:
    """Write as go-vcr 3 does."""
    request = {
        "id": 0, "proto": "HTTP/1.1", "content_length": int(_size(one.request)), "host": "api.example.com",
        "body": one.request, "form": {}, "headers": one.sent, "url": one.url, "method": one.method,
    }  # fmt: skip
    response = {"proto": "HTTP/1.1", "content_length": -1, "body": one.response, "headers": one.got,
                "status": "200 OK", "code": 200, "duration": "1.5s"}  # fmt: skip
    items = {"id": 0, "request": request, "response": response, **one.extra}
    return yaml({"version": 2, "interactions": [items]}, style) + "\n"


def rubyvcr(one: Exchange) -> str:
    """Write as Ruby VCR does."""
    return yaml({"http_interactions": [_ruby(one)], "recorded_with": "VCR 6.2.0"}, "single") + "\n"


def _ruby(one: Exchange) -> dict[str, Any]:
    def body(value: str | bytes) -> dict[str, Any]:
        if isinstance(value, bytes):
            return {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(value).decode()}
        return {"encoding": "UTF-8", "string": value}

    request = {"method": one.method.lower(), "uri": one.url, "body": body(one.request), "headers": one.sent}
    response = {"status": {"code": 200, "message": "OK"}, "headers": _with_length(one.got, one.response),
                "body": body(one.response)}  # fmt: skip
    return {"request": request, "response": response, "recorded_at": "Mon, 05 Jan 2026 10:00:00 GMT", **one.extra}


def rubyvcr_json(one: Exchange) -> str:
    """Write as Ruby VCR's JSON serializer does."""
    return json.dumps({"http_interactions": [_ruby(one)], "recorded_with": "VCR 6.2.0"})


def betamax(one: Exchange) -> str:
    """Write as Betamax does."""
    return json.dumps({"http_interactions": [_ruby(one)], "recorded_with": "betamax/0.9.0"})


def har(one: Exchange) -> str:
    """Write as browsers do."""

    def lines(headers: dict[str, list[str]]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, values in headers.items() for value in values]

    content: dict[str, Any] = {"mimeType": one.got["Content-Type"][0], "size": int(_size(one.response))}
    if isinstance(one.response, bytes):
        content |= {"text": base64.b64encode(one.response).decode(), "encoding": "base64"}
    else:
        content["text"] = one.response
    posted = one.request if isinstance(one.request, str) else one.request.decode("latin-1")
    entry = {
        "request": {"method": one.method, "url": one.url, "httpVersion": "HTTP/1.1", "headers": lines(one.sent),
                    "queryString": [], "cookies": [], "bodySize": int(_size(one.request)),
                    "postData": {"mimeType": one.sent["Content-Type"][0], "text": posted}},
        "response": {"status": 200, "statusText": "OK", "headers": lines(one.got), "content": content, "bodySize": -1},
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 12, **one.extra,
    }  # fmt: skip
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [entry]}}, indent=2
    )


def single(one: Exchange) -> str:
    """Write one interaction as a JSON document, as Datadog's test agent does."""

    def body(value: str | bytes) -> str:
        return value if isinstance(value, str) else "base64:" + base64.b64encode(value).decode()

    def flat(headers: dict[str, list[str]]) -> dict[str, str]:
        return {name: ", ".join(values) for name, values in headers.items()}

    request = {"method": one.method, "url": one.url, "headers": flat(one.sent), "body": body(one.request)}
    response = {"status": {"code": 200, "message": "OK"}, "headers": flat(_with_length(one.got, one.response)),
                "body": body(one.response)}  # fmt: skip
    return json.dumps({"request": request, "response": response, **one.extra}, indent=2)


def phpvcr(one: Exchange) -> str:
    """Write as PHP-VCR does."""

    def flat(headers: dict[str, list[str]]) -> dict[str, str]:
        return {name: ", ".join(values) for name, values in headers.items()}

    request = {"method": one.method, "url": one.url, "headers": flat(one.sent), "body": one.request}
    response = {
        "status": {"http_version": "1.1", "code": 200, "message": "OK"},
        "headers": flat(one.got),
        "body": one.response,
    }
    return "\n" + yaml([{"request": request, "response": response, **one.extra}], "single") + "\n"


def exvcr(one: Exchange) -> str:
    """Write as ExVCR does."""
    request = {"body": one.request, "headers": {n: v[0] for n, v in one.sent.items()}, "method": "post",
               "options": [], "request_body": "", "url": one.url}  # fmt: skip
    response = {"binary": False, "body": one.response, "headers": {n: v[0] for n, v in one.got.items()},
                "status_code": 200, "type": "ok"}  # fmt: skip
    return json.dumps([{"request": request, "response": response, **one.extra}], indent=2)


def cassetter(one: Exchange) -> str:
    """Write as cassetter does, bodies as text."""

    def side(headers: dict[str, list[str]], body: str | bytes) -> dict[str, Any]:
        return {"headers": headers, "body": {"type": "text", "content": body}}

    request = {"method": one.method, "uri": one.url, **side(one.sent, one.request)}
    response = {"status": 200, **side(one.got, one.response)}
    return yaml({"version": 1, "interactions": [{"request": request, "response": response, **one.extra}]}) + "\n"


def pairs(one: Exchange) -> str:
    """Write headers as a list of pairs, as some serializers do."""
    made = _vcrpy(one)
    for side in ("request", "response"):
        made[side]["headers"] = [[n, v] for n, values in made[side]["headers"].items() for v in values]
    return yaml({"interactions": [made], "version": 1}) + "\n"


def binary(one: Exchange) -> str:
    """Write as VCR.py does, bodies as `!!binary`."""
    return vcrpy(_bytes(one))


def _psych(one: Exchange) -> str:
    made = _ruby(one)
    for side, body in (("request", one.request), ("response", one.response)):
        data = body.encode() if isinstance(body, str) else body
        made[side]["body"] = {"encoding": "ASCII-8BIT", "string": data}
    text = yaml({"http_interactions": [made], "recorded_with": "VCR 6.2.0"}, "single") + "\n"
    return text.replace("!!binary |", "!binary |-")


def _bytes(one: Exchange) -> Exchange:
    from dataclasses import replace

    request = one.request.encode() if isinstance(one.request, str) else one.request
    response = one.response.encode() if isinstance(one.response, str) else one.response
    return replace(one, request=request, response=response)


def packed(one: Exchange, cut: int = 9) -> str:
    """Write as VCR.py does, both bodies in gzip; the response in two members where it is cut."""
    from dataclasses import replace

    raw = _bytes(one)
    assert isinstance(raw.request, bytes)
    assert isinstance(raw.response, bytes)
    return vcrpy(
        replace(
            raw,
            request=gzip.compress(raw.request, mtime=0),
            response=(gzip.compress(raw.response[:cut], mtime=0) if cut else b"")
            + gzip.compress(raw.response[cut:], mtime=0),
            sent={**raw.sent, "Content-Encoding": ["gzip"]},
            got={**raw.got, "Content-Encoding": ["gzip"]},
        )
    )


def deflated(one: Exchange) -> str:
    """Write as Ruby VCR does, the response in deflate as `base64_string`."""
    from dataclasses import replace

    raw = _bytes(one)
    assert isinstance(raw.response, bytes)
    return rubyvcr(replace(raw, response=zlib.compress(raw.response), got={**raw.got, "Content-Encoding": ["deflate"]}))


EXACT: dict[str, Callable[[Exchange], str]] = {
    "vcrpy double": vcrpy,
    "vcrpy single": lambda one: vcrpy(one, "single"),
    "vcrpy plain": lambda one: vcrpy(one, "plain"),
    "vcrpy literal": lambda one: vcrpy(one, "literal"),
    "vcrpy JSON": vcrpy_json,
    "vcrpy parallel": parallel,
    "vcrpy pairs": pairs,
    "go-vcr": govcr,
    "go-vcr double": lambda one: govcr(one, "double"),
    "Ruby VCR": rubyvcr,
    "Ruby VCR JSON": rubyvcr_json,
    "Betamax": betamax,
    "HAR": har,
    "single": single,
    "PHP-VCR": phpvcr,
    "ExVCR": exvcr,
    "cassetter": cassetter,
}
"""Formats in which the text stands as it is: what redacting must give is known byte for byte."""

ENCODED: dict[str, Callable[[Exchange], str]] = {
    "vcrpy !!binary": binary,
    "Ruby !binary": _psych,
    "gzip in two members": packed,
    "deflate in base64_string": deflated,
}
"""Formats that encode whole bodies: compared decoded."""

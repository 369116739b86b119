"""Reading pages as people and browsers do."""

import re
from html import unescape

import httpx


def text_of(response: httpx.Response) -> str:
    """The words of a page, in one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    body = re.sub(r"</?bdi>", "", body)  # marks a part of a sentence, and nothing is seen of it
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def hidden(response: httpx.Response, name: str) -> str:
    """The value of a hidden field."""
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.text)
    assert match, f"there is no hidden field {name}"
    return unescape(match[1])


def error_of(response: httpx.Response, field: str) -> str:
    """What is said beside a field; empty for nothing."""
    match = re.search(rf'id="{field}-error">(.*?)</div>', response.text, flags=re.DOTALL)
    return unescape(match[1]).strip() if match else ""


def value_of(response: httpx.Response, field: str) -> str:
    """What stands in a field."""
    match = re.search(rf'<input[^>]* id="{field}"[^>]*>', response.text)
    assert match, f"there is no field {field}"
    value = re.search(r' value="([^"]*)"', match[0])
    return unescape(value[1]) if value else ""

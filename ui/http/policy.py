"""What a browser may load and run on a page."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_RULES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_STRIPE: Mapping[str, str] = {
    "script-src": "https://js.stripe.com",
    "frame-src": "https://js.stripe.com https://hooks.stripe.com",
    "connect-src": "https://api.stripe.com",
    # Where Stripe's pages of the banks are; a form may only lead to what is named.
    "form-action": "https://hooks.stripe.com",
}


def content_policy(more: Mapping[str, str] | None = None) -> str:
    """The Content-Security-Policy of a page.

    Args:
        more: Directive -> sources that this page needs beyond what every page has.
    """
    rules = dict(_RULES)
    for directive, sources in (more or {}).items():
        rules[directive] = f"{rules.get(directive, '')} {sources}".strip()
    return "; ".join(f"{directive} {sources}" for directive, sources in rules.items())


def stripe_policy() -> str:
    """That of a page with Stripe's own card form."""
    return content_policy(_STRIPE)


def leading_to(address: str) -> str:
    """That of a page whose form leads on to a page at `address`, as a bank's."""
    parts = urlsplit(address)
    return content_policy({"form-action": f"{parts.scheme}://{parts.netloc}"})


PAGE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": content_policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

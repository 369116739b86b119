"""What a browser calls itself, in words that tell one device from another."""

from collections.abc import Mapping

# In this order: most browsers name others as well, to be taken for them.
_BROWSERS: Mapping[str, str] = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS: Mapping[str, str] = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
_LONGEST = 80


def device(user_agent: str) -> str:
    """`Firefox on Android`, or what there is of a `User-Agent` that is no known browser's."""
    browser, system = _named(_BROWSERS, user_agent), _named(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return user_agent[:_LONGEST] or "An unnamed device"


def _named(names: Mapping[str, str], user_agent: str) -> str:
    return next((name for token, name in names.items() if token in user_agent), "")

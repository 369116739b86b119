"""Names are the field's, and texts are plain English: what was retired does not come back."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, relative

# Names of classes and modules, as whole words, and what stands for them now.
NAMES = {
    "Backends": "Channels",
    "Bell": "Wakeup",
    "ChangeCart": "WriteCart",
    "Courier": "OutboxPublisher",
    "Door": "ProcessPorts",
    "Ear": "Waiter",
    "Edge": "ErrorMiddleware",
    "Endings": "EndedSessions",
    "Feed": "Subscriber",
    "Filler": "FieldSource",
    "Follow": "FollowLog",
    "Images": "StoreImages",
    "Incoming": "RequestHead",
    "ladder": "providers",
    "leash": "parent_death",
    "Lingering": "LingeringClose",
    "Listing": "ListProducts",
    "MadeRefund": "StripeRefund",
    "OpenBank": "NewClient",
    "Outside": "Dependencies",
    "Patience": "PollPolicy",
    "PaymentNews": "PaymentUpdate",
    "Progress": "StallDetector",
    "Raised": "HighWatermark",
    "Seat": "Subscription",
    "Standing": "Reservation",
    "Swept": "SweepOutcome",
    "TextField": "Param",
    "Told": "Draft",
    "Waiting": "OutboxEntry",
}
# Parts of names, of the code and of its tests; but the name of a test is a sentence.
WORDS = {"told": "announced, shown, answered, refused, a sentence, a problem: what is meant"}
# In any text, of the code or of its documents.
PHRASES = {
    r"can not": "cannot",
    r"(kafka|mongodb|redis|stripe) (is|was|being) away": "is unreachable",
    r"fault of ours": "an internal error",
    r"must be a text": "must be a string",
    r"is no file that is expected": "is not an expected file",
    r"(no|some|any|every)body": "no one, someone, anyone, everyone",
    r"whoever|whomever": "the caller, the client, the process, a reader",
    r"not of the right form": "does not match the required pattern",
}
SUFFIXES = {".py", ".proto", ".html", ".js", ".md", ".yaml"}
PLACES = (
    *("chassis", "devstack", "docs", "gateway", "kustomize", "proto", "shop_client", "shopctl"),
    *("ui", "README.md"),
    *("CONTRIBUTING.md", "svc_auth", "svc_cart", "svc_catalog", "svc_notify", "svc_orders"),
    "svc_payments",
)


def texts() -> list[Path]:
    places = [ROOT / place for place in PLACES]
    found = [file for place in places if place.is_dir() for file in place.rglob("*")]
    files = [*found, *(place for place in places if place.is_file())]
    return [file for file in files if file.suffix in SUFFIXES and "__pycache__" not in file.parts]


@pytest.mark.parametrize("name", NAMES)
def test_a_retired_name_is_not_used(name: str) -> None:
    found = [
        relative(file)
        for file in texts()
        if file.suffix == ".py"
        and re.search(rf"\bclass {name}\b|\bimport .*\b{name}\b", file.read_text())
    ]
    assert found == [], f"say {NAMES[name]}"


@pytest.mark.parametrize("word", WORDS)
def test_a_retired_word_is_part_of_no_name(word: str) -> None:
    tests = (ROOT / "tests").rglob("*.py")
    found = [
        f"{relative(file)}: {name}"
        for file in (*texts(), *tests)
        if file.suffix == ".py" and word in file.read_text()
        for name in names_in(file)
        if word in name.lower().split("_") and not name.startswith("test_")
    ]
    assert found == [], f"say {WORDS[word]}"


def names_in(file: Path) -> Iterator[str]:
    """Every name that the code of a file has, but for those in texts."""
    with tokenize.open(file) as lines:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.NAME:
                yield token.string


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_retired_phrase_is_not_used(phrase: str) -> None:
    found = [
        relative(file)
        for file in texts()
        if re.search(rf"\b{phrase}\b", file.read_text(), re.IGNORECASE)
    ]
    assert found == [], f"say: {PHRASES[phrase]}"

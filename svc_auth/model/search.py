"""Finding a part of a text through an index.

A text is kept with all its grams: its substrings of one, two and three characters. A query can
only occur in a text that has the query's trigrams (or, of a shorter query, the query itself as a
gram); so an index on the grams narrows the search to a few, of which each is then looked at.
"""

import unicodedata
from collections.abc import Iterable

LONGEST_GRAM = 3

# Of a long query so many grams are looked up: more would not narrow it further, only cost more.
ENOUGH = 4


def fold(text: str) -> str:
    """`text` without its case and with single spaces: what is compared when searching."""
    return unicodedata.normalize("NFC", " ".join(text.casefold().split()))


def grams(texts: Iterable[str]) -> list[str]:
    """The grams under which something described by `texts` is found, in order."""
    found = {
        folded[start : start + length]
        for folded in map(fold, texts)
        for length in range(1, LONGEST_GRAM + 1)
        for start in range(len(folded) - length + 1)
    }
    return sorted(found)


def needed_grams(query: str) -> list[str]:
    """Some grams that a text must have for `query` to be a part of it; none for an empty one."""
    folded = fold(query)
    if len(folded) <= LONGEST_GRAM:
        return [folded] if folded else []
    starts = range(0, len(folded) - LONGEST_GRAM + 1, LONGEST_GRAM)
    return [folded[start : start + LONGEST_GRAM] for start in starts][:ENOUGH]

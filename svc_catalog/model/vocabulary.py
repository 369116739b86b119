"""From the words that someone types to the words that products have.

The vocabulary is every word of every product. A word that was typed stands for the words of the
vocabulary that are forms of it (`exact`), and for those that it is the beginning of; only where
there are none for those that end with it ("phones": "headphones"), for two words written as one,
or for those that it is a slip of the finger away from ("lmap": "lamp"). So a search looks up whole
words of products alone, however it was typed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from rapidfuzz.distance import OSA

from svc_catalog.model.words import is_unspaced, stems

# Shorter words begin or end too many others, or are a letter away from them.
_MIN_BEGINNING = 2
_MIN_ENDING = 4
_MIN_CORRECTED = 4
_MIN_PART = 3
# Words of this length may have two slips.
_TWO_SLIPS = 8
# What is longer is no word; all of its shortened forms would be many.
_LONGEST = 24


@dataclass(frozen=True)
class Entry:
    """A word of the vocabulary, and by what it is found.

    Attributes:
        word: Normalised.
        stems: What it is a form of.
        endings: What it ends with, also in the singular.
        shortened: What is left of it without one letter, or two of a long word: two words a slip
            apart have one of these in common (the symmetric deletes of SymSpell).
    """

    word: str
    stems: frozenset[str]
    endings: frozenset[str]
    shortened: frozenset[str]


@dataclass(frozen=True)
class Concept:
    """What one typed word, or two that are one, may be in a product.

    Attributes:
        exact: Words of the vocabulary that are the same word.
        wide: These, and those that are close.
        is_corrected: No word is what was typed: the wide ones are a slip away from it.
    """

    exact: tuple[str, ...]
    wide: tuple[str, ...]
    is_corrected: bool = False


Reading = tuple[Concept, ...]
"""Concepts that must all be found."""


def entry_of(word: str, language: str) -> Entry:
    """The entry of a normalised word."""
    forms = {word, word.removesuffix("s")}
    endings = {form[start:] for form in forms for start in range(1, len(form) - _MIN_ENDING + 1)}
    return Entry(
        word, frozenset(stems(word, language)), frozenset(endings), frozenset(shortened(word))
    )


def shortened(word: str) -> set[str]:
    """A word, and what is left of it without as many letters as there may be slips in it."""
    if len(word) < _MIN_CORRECTED or len(word) > _LONGEST or is_unspaced(word[0]):
        return {word}
    return {
        "".join(left)
        for slips in range(_slips(word) + 1)
        for left in combinations(word, len(word) - slips)
    }


def _slips(word: str) -> int:
    return 2 if len(word) >= _TWO_SLIPS else 1


@dataclass(frozen=True)
class Lookup:
    """What to ask the vocabulary for.

    Attributes:
        words: These words, and those that end with them.
        stems: Words with one of these stems.
        beginnings: Words that begin with one of these.
        shortened: Words with one of these shortened forms.
    """

    words: Collection[str]
    stems: Collection[str]
    beginnings: Collection[str]
    shortened: Collection[str]


def lookup_of(typed: Sequence[str], language: str) -> Lookup:
    """What may be needed to understand these words, in one go."""
    joined = [one + other for one, other in pairwise(typed)]
    parts = {part for word in typed for pair in _splits(word) for part in pair}
    return Lookup(
        words={*typed, *joined, *parts},
        stems={stem for word in (*typed, *joined) for stem in stems(word, language)},
        beginnings=[word for word in typed if len(word) >= _MIN_BEGINNING or is_unspaced(word[0])],
        shortened={form for word in typed for form in shortened(word)},
    )


def readings_of(typed: Sequence[str], known: Iterable[Entry], language: str) -> list[Reading]:
    """The ways to understand the typed words, given the entries that were looked up.

    A concept without any word of the vocabulary stays in its reading, and is empty.
    """
    entries = {each.word: each for each in known}
    readings = [tuple(_concept(word, entries, language) for word in typed)]
    for number, (one, other) in enumerate(pairwise(typed)):
        if same := _same(one + other, entries, language):
            whole = Concept(same, same)
            readings.append((*readings[0][:number], whole, *readings[0][number + 2 :]))
    for number, word in enumerate(typed):
        if not readings[0][number].exact:
            for parts in _splits(word):
                if all(part in entries for part in parts):
                    pair = tuple(_concept(part, entries, language) for part in parts)
                    readings.append((*readings[0][:number], *pair, *readings[0][number + 1 :]))
    return readings


def _concept(word: str, entries: dict[str, Entry], language: str) -> Concept:
    exact = _same(word, entries, language)
    begun = tuple(sorted(each for each in entries if _begins(word, each) and each not in exact))
    if exact or begun:
        return Concept(exact, exact + begun)
    ending = sorted(each.word for each in entries.values() if word in each.endings)
    if ending:
        return Concept((), tuple(ending))
    return Concept((), tuple(_slipped(word, entries)), is_corrected=True)


def _same(word: str, entries: dict[str, Entry], language: str) -> tuple[str, ...]:
    own = stems(word, language) | {word}
    return tuple(sorted(each.word for each in entries.values() if own & each.stems))


def _begins(word: str, other: str) -> bool:
    return other.startswith(word) and (len(word) >= _MIN_BEGINNING or is_unspaced(word[0]))


def _slipped(word: str, entries: Iterable[str]) -> list[str]:
    """The words that `word` may have been meant for, the closest first."""
    if len(word) < _MIN_CORRECTED or is_unspaced(word[0]):
        return []
    near = [(OSA.distance(word, each, score_cutoff=2), each) for each in entries]
    found = sorted(each for each in near if each[0] <= _slips(word))
    return [each for distance, each in found if distance == found[0][0]]


def _splits(word: str) -> list[tuple[str, str]]:
    if len(word) > _LONGEST or is_unspaced(word[0]):
        return []
    return [(word[:place], word[place:]) for place in range(_MIN_PART, len(word) - _MIN_PART + 1)]

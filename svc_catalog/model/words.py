"""Texts as words that can be looked up, without case and accents, and what words are forms of."""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby, pairwise
from typing import Any

import snowballstemmer
from anyascii import anyascii

# Marks from this class on are accents and vowel points; below it are those that make another letter
# of theirs, such as the voiced kana and the vowelless letters of India.
_FIRST_ACCENT = 10

# Scripts that put no spaces between words.
_UNSPACED = (
    *(("\u3005", "\u3007"), ("\u3040", "\u30ff"), ("\u31f0", "\u31ff")),  # Japanese
    *(("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff")),  # Chinese characters
    *(("\U00020000", "\U0003ffff"),),
    *(("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff")),  # Thai to Khmer
)

# The language of what is written in a script; that of Latin letters is a setting.
_LANGUAGES = {
    "ARABIC": "arabic",
    "ARMENIAN": "armenian",
    "CYRILLIC": "russian",
    "DEVANAGARI": "hindi",
    "GREEK": "greek",
    "HEBREW": "yiddish",
    "TAMIL": "tamil",
}


def normalised(text: str) -> str:
    """`text` without differences of case and accents: "Crème BRÛLÉE" is "creme brulee"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(
        each for each in apart if unicodedata.combining(each) < _FIRST_ACCENT
    ).casefold()
    return unicodedata.normalize("NFKC", "".join(map(_folded, plain)))


def words(text: str) -> list[str]:
    """The normalised words of `text` in order.

    Where a script has no spaces, each two neighbouring letters are a word, and the last letter of
    a piece is one: "有機緑茶" is found by "緑茶", and begins with "有".
    """
    return [word for run in _runs(normalised(text)) for word in _pieces(run)]


def query_words(text: str) -> list[str]:
    """The words to look for, each once; of a piece without spaces, its pairs alone."""
    found = [
        word
        for run in _runs(normalised(text))
        for word in (_pieces(run)[:-1] if is_unspaced(run[0]) and len(run) > 1 else _pieces(run))
    ]
    return list(dict.fromkeys(found))


def is_unspaced(letter: str) -> bool:
    """Whether words in the script of `letter` are written without spaces between them."""
    return any(first <= letter <= last for first, last in _UNSPACED)


def stems(word: str, language: str) -> set[str]:
    """What a normalised word may be a form of; two words with a stem in common are the same word.

    Args:
        word: The word.
        language: Of words in Latin letters; one of `snowballstemmer.algorithms()`.
    """
    script = unicodedata.name(word[0], "").partition(" ")[0]
    language = language if script == "LATIN" else _LANGUAGES.get(script, "")
    if not language:
        return {word}
    stem: Callable[[str], str] = _stemmer(language).stemWord
    found = {stem(word)}
    if script == "LATIN" and language == "english" and word.endswith("ves"):
        # Knives, shelves: English alone, and no algorithm undoes it.
        found |= {stem(word[:-3] + singular) for singular in ("f", "fe")}
    return found


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@cache
def _folded(letter: str) -> str:
    """Letters that have no decomposition, such as ø, ł and æ."""
    if letter.isascii() or not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    return anyascii(letter).casefold()


def _runs(text: str) -> Iterator[str]:
    """Pieces of letters, marks and digits, all of a script with spaces or all of one without."""
    for kind, letters in groupby(text, _kind):
        if kind is not None:
            yield "".join(letters)


def _kind(letter: str) -> bool | None:
    if unicodedata.category(letter)[0] not in "LMN":
        return None
    return is_unspaced(letter)


def _pieces(run: str) -> list[str]:
    if not is_unspaced(run[0]):
        return [run]
    return [*(one + other for one, other in pairwise(run)), run[-1]]

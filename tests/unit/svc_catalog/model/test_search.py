"""Words without case and accents."""

import pytest

from svc_catalog.model.search import Sort, normalised, search_for, terms
from tests.unit.svc_catalog.samples import NOON, fields, product


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Crème BRÛLÉE", "creme brulee"),
        ("Straße", "strasse"),
        ("ﬁne №5", "fine no5"),
        ("ÅNGSTRÖM", "angstrom"),
        ("İstanbul", "istanbul"),
    ],
)
def test_case_and_accents_make_no_difference(text: str, plain: str) -> None:
    assert normalised(text) == plain


def test_terms_are_the_words_of_title_description_and_category() -> None:
    lamp = fields(title="Café-Lamp", description="A lamp, 40 W", category="Lights_out")
    assert terms(lamp) == ["40", "a", "cafe", "lamp", "lights", "out", "w"]


@pytest.mark.parametrize(
    ("query", "words", "prefix"),
    [
        ("", (), ""),
        ("!?", (), ""),
        ("Bra", (), "bra"),
        ("brass LAM", ("brass",), "lam"),
        ("a.*b", ("a",), "b"),
    ],
)
def test_the_last_word_of_a_query_may_be_a_beginning(
    query: str, words: tuple[str, ...], prefix: str
) -> None:
    assert search_for(query) == (words, prefix)


def test_every_order_has_its_key() -> None:
    lamp = product(title="Éclat")
    assert Sort.NEWEST.key(lamp) == NOON
    assert Sort.CHEAPEST.key(lamp) == Sort.DEAREST.key(lamp) == 4900
    assert Sort.TITLE.key(lamp) == "eclat"
    for sort in Sort:
        assert type(sort.key(lamp)) is sort.key_type

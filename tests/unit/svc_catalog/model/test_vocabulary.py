"""What typed words stand for."""

import pytest

from svc_catalog.model.vocabulary import Reading, lookup_of, readings_of
from svc_catalog.model.words import query_words
from tests.unit.svc_catalog.fakes import FakeVocabulary

pytestmark = pytest.mark.anyio


async def read(query: str, *vocabulary: str) -> list[Reading]:
    """The readings of a query, with a vocabulary of these words."""
    known = FakeVocabulary()
    await known.add(vocabulary)
    typed = query_words(query)
    return readings_of(typed, await known.find(lookup_of(typed, "english")), "english")


@pytest.mark.parametrize(
    ("query", "vocabulary", "exact", "wide"),
    [
        ("lamp", ("lamp", "lamps", "lampshade", "clamp"), ("lamp", "lamps"), ("lampshade",)),
        ("headph", ("headphones", "head"), (), ("headphones",)),
        ("phones", ("headphones", "telephone"), (), ("headphones",)),
        ("phones", ("phone", "headphones"), ("phone",), ()),
        ("lmap", ("lamp", "map"), (), ("lamp", "map")),
        ("botle", ("bottle",), (), ("bottle",)),
        ("ktchen", ("kitchen",), (), ("kitchen",)),
        ("hedphnes", ("headphones",), (), ("headphones",)),
        ("woolen", ("woollen", "wool"), (), ("woollen",)),
        ("mgu", ("mug",), (), ()),
        ("l", ("lamp",), (), ()),
        ("茶", ("茶碗", "緑茶"), (), ("茶碗",)),
        ("x" * 100, ("lamp",), (), ()),
    ],
)
async def test_a_word(
    query: str, vocabulary: tuple[str, ...], exact: tuple[str, ...], wide: tuple[str, ...]
) -> None:
    [[concept]] = await read(query, *vocabulary)
    assert concept.exact == exact
    assert concept.wide == exact + wide


async def test_a_slip_is_distinguished_from_a_beginning() -> None:
    [[slip]] = await read("lmap", "lamp")
    [[beginning]] = await read("lam", "lamp")
    assert slip.is_corrected
    assert not beginning.is_corrected


async def test_two_words_may_be_one_and_one_two() -> None:
    together = await read("big back pack", "back", "backpack", "big")
    assert [tuple(concept.exact for concept in reading) for reading in together] == [
        (("big",), ("back",), ()),
        (("big",), ("backpack",)),
    ]
    apart = await read("teatowel", "tea", "towel")
    assert [tuple(concept.exact for concept in reading) for reading in apart] == [
        ((),),
        (("tea",), ("towel",)),
    ]

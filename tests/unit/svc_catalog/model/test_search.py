"""What products are found by, and in which order."""

from svc_catalog.model.search import LEVELS, Level, Search, Sort, main_terms, terms
from svc_catalog.model.vocabulary import Concept
from tests.unit.svc_catalog.samples import NOON, fields, product


def test_terms_are_the_words_of_title_description_and_category() -> None:
    lamp = fields(title="Café-Lamp", description="A lamp, 40 W", category="Lights_out")
    assert terms(lamp) == ["40", "a", "cafe", "lamp", "lights", "out", "w"]
    assert main_terms(lamp) == ["cafe", "lamp", "lights", "out"]


def test_a_product_matches_on_the_best_level_that_it_can() -> None:
    lamp = Concept(("lamp", "lamps"), ("lamp", "lamps", "lampshade"))
    search = Search(((lamp,),))
    assert search.level(fields(title="Two lamps")) == LEVELS.index(Level(exact=True, main=True))
    described = fields(title="Bulb", description="For a lamp")
    assert search.level(described) == LEVELS.index(Level(exact=True, main=False))
    assert search.level(fields(title="Lampshade", description="")) == 2
    assert search.level(fields(title="Bulb", description="For a lampshade")) == 3
    assert search.level(fields(title="Bulb", description="")) is None


def test_all_words_or_any() -> None:
    brass, lamp = Concept(("brass",), ("brass",)), Concept(("lamp",), ("lamp",))
    both = Search(((brass, lamp),))
    assert both.level(fields(title="Brass lamp")) == 0
    assert both.level(fields(title="Brass bowl", description="")) is None
    either = Search(((brass, lamp),), any_word=True)
    assert either.level(fields(title="Brass bowl", description="")) == 0
    assert Search(()).level(fields()) is None
    assert Search(((brass, Concept((), ())),)).level(fields(title="Brass lamp")) is None


def test_every_order_has_its_key() -> None:
    lamp = product(title="Éclat")
    assert Sort.NEWEST.key(lamp) == Sort.RELEVANCE.key(lamp) == NOON
    assert Sort.CHEAPEST.key(lamp) == Sort.DEAREST.key(lamp) == 4900
    assert Sort.TITLE.key(lamp) == "eclat"
    for sort in Sort:
        assert type(sort.key(lamp)) is sort.key_type

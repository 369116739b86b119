"""Words without case and accents, in any script, and what they are forms of."""

import pytest

from svc_catalog.model.words import normalised, query_words, stems, words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Crème BRÛLÉE", "creme brulee"),
        ("Straße", "strasse"),
        ("ﬁne №5", "fine no5"),
        ("ÅNGSTRÖM", "angstrom"),
        ("İstanbul", "istanbul"),
        ("Smørrebrød, Łódź, Þing, Đồ, œuf", "smorrebrod, lodz, thing, do, oeuf"),
        ("ﾊﾟｿｺﾝ がぎ", "パソコン がぎ"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
        ("हिन्दी", "हिन्दी"),
        ("한국어", "한국어"),
    ],
)
def test_case_and_accents_make_no_difference(text: str, plain: str) -> None:
    assert normalised(text) == plain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Café-Lamp, 40 W", ["cafe", "lamp", "40", "w"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("有機緑茶 100g", ["有機", "機緑", "緑茶", "茶", "100g"]),
        ("ชาเขียว", ["ชา", "าเ", "เข", "ขี", "ีย", "ยว", "ว"]),
        ("USB-C充电器", ["usb", "c", "充电", "电器", "器"]),
        ("!!! --- 😉", []),
    ],
)
def test_words_of_a_text(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_piece_without_spaces_is_looked_for_by_its_pairs() -> None:
    assert query_words("緑茶") == ["緑茶"]
    assert query_words("有機緑茶") == ["有機", "機緑", "緑茶"]
    assert query_words("茶") == ["茶"]
    assert query_words("lamp Lamp desk") == ["lamp", "desk"]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("lamps", "lamp", "english"),
        ("thermostats", "thermostat", "english"),
        ("knives", "knife", "english"),
        ("shelves", "shelf", "english"),
        ("gloves", "glove", "english"),
        ("batteries", "battery", "english"),
        ("lampen", "lampe", "german"),
        ("chaises", "chaise", "french"),
        ("лампы", "лампа", "english"),
    ],
)
def test_forms_of_a_word_have_a_stem_in_common(one: str, other: str, language: str) -> None:
    assert stems(one, language) & stems(other, language)


def test_words_that_only_look_alike_have_not() -> None:
    assert not stems("oak", "english") & stems("oaken", "english")
    assert not stems("leaf", "english") & stems("leave", "english")

"""Names are found in any script, with accents or none, by a part, and with a slip."""

from __future__ import annotations

import random
import time

import pytest

from interurban.web.finding import fitting, folded

CITIES = (
    ("moscow", "Moscow", "Москва", "莫斯科"),
    ("shenzhen", "Shenzhen", "Шэньчжэнь", "深圳"),
    ("sao-paulo", "São Paulo", "Сан-Паулу", "圣保罗"),
    ("saint-petersburg", "Saint Petersburg", "Санкт-Петербург", "圣彼得堡"),
    ("yekaterinburg", "Yekaterinburg", "Екатеринбург", "叶卡捷琳堡"),
    ("nizhny-novgorod", "Nizhny Novgorod", "Нижний Новгород", "下诺夫哥罗德"),
    ("xian", "Xi’an", "Сиань", "西安"),
    ("oslo", "Oslo", "Осло", "奥斯陆"),
)


def found(asked: str) -> list[str]:
    return [city[0] for city in fitting(asked, CITIES, lambda city: city)]


@pytest.mark.parametrize(("asked", "city"), [
    ("moskva", "moscow"), ("Moscwo", "moscow"), ("МОСКВ", "moscow"), ("莫斯", "moscow"), ("shenzen", "shenzhen"), ("шэнчжэнь", "shenzhen"),
    ("Sao Paolo", "sao-paulo"), ("sankt", "saint-petersburg"), ("peterburg", "saint-petersburg"), ("ekaterinburg", "yekaterinburg"),
    ("Екатеринбрг", "yekaterinburg"), ("nizhnij novgorod", "nizhny-novgorod"), ("новгород нижний", "nizhny-novgorod"), ("Xian", "xian"),
])
def test_one_city_is_found(asked: str, city: str):
    assert found(asked) == [city]


def test_what_begins_with_it_comes_first_and_short_or_far_words_are_no_slips():
    assert found("o")[0] == "oslo" and len(found("o")) > 3
    assert found("olso") == found("zzzzzz") == found("moscow zzzzzz") == found("") == found(" -'") == []


def test_folding_goes_one_way_for_either_script():
    assert folded("Санкт-Петербург") == "sankt peterburg" and folded("São  Tomé") == "sao  tome" and folded("Йошкар-Ола") == "ioshkar ola"
    assert folded("İstanbul") == "istanbul" and folded("Łódź") == "lodz"


def test_three_thousand_cities_are_searched_at_once():
    chance = random.Random(1)
    many = [tuple("".join(chance.choices("aeioubcdfgklmnprstvz", k=8)) for _ in range(3)) for _ in range(3000)]
    fitting("anything", many, lambda names: names)
    began = time.process_time()
    fitting("novosibirk " * 1000, many, lambda names: names)
    assert time.process_time() - began < 0.5

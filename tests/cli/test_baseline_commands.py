"""`interurban baseline`, and comparing cities of it."""

from __future__ import annotations


def test_a_newcomer_compares_real_cities(interurban):
    interurban("init")
    listed = interurban("baseline", "list", "--json").json
    assert next(each for each in listed if each["city"]["id"] == "moscow")["groups"] == ["brics", "capital", "megacity"]
    assert "Moscow" in interurban("baseline", "list").out
    assert interurban("baseline", "load", "moscow", "delhi").out.startswith("Cities: 2, of which new here: 2.")
    assert interurban("baseline", "load", "moscow", "delhi").out == "Cities: 2, of which new here: 0. New observations: 0.\n"
    shown = interurban("compare", "moscow", "delhi")
    assert shown.code == 0
    # SDG 11.2.1 to one decimal; populations of two territories are two rows; who states them stands below.
    for text in ("85.9", "62.0", "Population (agglomeration)", "~12,049,135", "Population (administrative area)", "16,787,941", "UN-Hab"):
        assert text in shown.out, text


def test_of_two_sources_for_one_time_the_better_founded_is_shown(interurban):
    interurban("init")
    interurban("baseline", "load", "mumbai", "rio-de-janeiro")
    records = interurban("show", "mumbai", "--indicator", "population", "--json").json
    of_2011 = [each for each in records if each["observation"]["area_definition"] == "ADM"]
    assert sorted(each["observation"]["confidence"] for each in of_2011) == ["B", "D"]
    assert "12,442,373" in interurban("compare", "mumbai", "rio-de-janeiro", "--indicator", "population").out


def test_explain_says_who_states_a_figure(interurban):
    interurban("init")
    interurban("baseline", "load", "london")
    record = interurban("show", "london", "--indicator", "pop_convenient_pt_sdg1121", "--json").json[0]
    told = interurban("explain", record["id"])
    assert told.code == 0
    for text in ("UN-Habitat", "CC BY 4.0", "urban centre", "Confidence"):
        assert text in told.out, text
    assert "городское ядро" in interurban("explain", record["id"], "--lang", "ru").out


def test_what_is_not_in_the_baseline(interurban):
    interurban("init")
    missing = interurban("baseline", "load", "moskow")
    assert missing.code == 2 and "moscow" in missing.err
    assert interurban("baseline", "load", "--group", "g20").code == 2

"""A rating of several years on one scale, drawn over time from its archive."""

from __future__ import annotations

import json

import pytest

from interurban.errors import UsageError
from interurban.indicators.rating_files import read_rating, write_archive
from interurban.ratings.archive import archive_of
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.table import make_table
from interurban.reports.charts.rating_time import time_chart

CITIES = tuple(f"city{number}" for number in range(10))
YEARS = (2021, 2022, 2023)


@pytest.fixture(scope="module")
def panel() -> RatingResult:
    """City 0 is best and gets better; of city 9 nothing is known in 2022."""
    rows = [(place, year) for place in range(len(CITIES)) for year in YEARS]
    headways = [None if (place, year) == (9, 2022) else 8.0 + 2 * place - (year - 2021) for place, year in rows]
    spans = [None if (place, year) == (9, 2022) else 22.0 - place for place, year in rows]
    columns = {"pt_headway_peak_median": headways, "pt_service_span": spans, "pt_stop_density": [10.0] * len(rows)}
    return rate(read_rating("tutorial"), make_table([CITIES[place] for place, _ in rows], columns, years=[year for _, year in rows]))


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_scores_of_every_year_are_drawn(interurban, panel, tmp_path, language):
    write_archive(archive_of(panel, None, [], "test"), tmp_path / "panel.json")
    answer = interurban("--lang", language, "rate", "--from", tmp_path / "panel.json", "--runs", "0", "--charts", tmp_path / "charts")
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in (tmp_path / "charts").iterdir()) == ["time.png", "time.svg", "time.vl.json"]
    values = json.loads((tmp_path / "charts" / "time.vl.json").read_text(encoding="utf-8"))["data"]["values"]
    course = [each["score"] for each in values if each["city"] == "city0"]
    # Headways 8, 7, 6 between 30 and 3, spans 22 between 10 and 24, density 10 between 0.5 and 20; weights 60 and 40.
    headways, span, density = ([10 + 90 * (30 - h) / 27 for h in (8, 7, 6)], 10 + 90 * 12 / 14, 10 + 90 * 9.5 / 19.5)
    assert course == pytest.approx([0.6 * (headway + span) / 2 + 0.4 * density for headway in headways])
    broken = {each["year"]: each["score"] for each in values if each["city"] == "city9"}
    assert list(broken) == [*YEARS] and [year for year, score in broken.items() if score is None] == [2022]


def test_the_first_of_the_last_year_are_coloured(panel):
    spec = time_chart(panel, {"city0": "Alba"}, "en")
    scale = spec["layer"][1]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["Alba", *CITIES[1:8]] and len(set(scale["range"])) == 8


def test_one_year_has_no_course():
    columns = {"pt_headway_peak_median": [8.0, 9.0], "pt_service_span": [20.0, 18.0], "pt_stop_density": [10.0, 8.0]}
    with pytest.raises(UsageError, match="tutorial is of one time"):
        time_chart(rate(read_rating("tutorial"), make_table(CITIES[:2], columns)), {}, "en")

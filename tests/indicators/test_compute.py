"""What observations carry, and what a change of feed, figures or archive does to them."""

from __future__ import annotations

import datetime as dt

import pytest
from cities_with_feeds import add_city, computed

import interurban
from interurban.errors import NotFound
from interurban.indicators.compute import compute, status_of
from interurban.indicators.explain import explain
from interurban.model import CityFigure, Figure
from interurban.store.locks import sha256_of
from tiny_feed import tiny_feed, write_zip

WINDOWS = {"pt_headway_peak_median": [25_200, 32_400], "pt_frequent_route_share": [25_200, 68_400]}


def computed_ones(node):
    """Observations computed from the feed, without the figures they are divided by."""
    return [record for record in node.observations("tiny") if record.observation.origin == "computed"]


def test_an_observation_carries_what_defends_it(looked_at):
    (version,) = looked_at.catalogue.list_feed_versions()
    for record in computed_ones(looked_at):
        o = record.observation
        assert o.inputs == {f"feed_version:{version.id}": version.content_hash}
        assert o.feed_version_ids == (version.id,)
        assert o.code_version.startswith(f"{interurban.__version__}+")
        assert o.reference_date == dt.date(2024, 2, 13) and o.n and o.definition_version >= 1
        assert o.parameters.get("window_s") == WINDOWS.get(o.indicator)
        # What a week stands for a year by is an estimate; the rest is what the timetable says.
        assert o.status == ("E" if o.indicator == "pt_vehicle_km_per_capita" else "A")


@pytest.mark.parametrize(("code", "coverage", "status"), [
    ("pt_wheelchair_stop_share", 0.004, "U"),  # two stops of 479 say that they are accessible: 100 % of those
    ("pt_wheelchair_stop_share", 0.5, "A"), ("pt_departures_weekday", None, "A"),
    ("pt_vehicle_km_per_capita", 0.6, "E"), ("pt_vehicle_km_per_capita", 0.3, "U"),
])
def test_what_rests_on_less_than_half_is_unreliable(code: str, coverage: float | None, status: str):
    assert status_of(code, coverage) == status


def test_what_is_divided_by_is_stated(looked_at):
    for code, figure, value in (
        ("pt_departures_per_1k_weekday", "population", 50_000), ("pt_stop_density", "area_km2", 2),
    ):
        (record,) = looked_at.observations("tiny", code, "all")
        stated = {k: v for k, v in record.observation.parameters.items() if k.startswith("denominator")}
        assert stated == {
            "denominator": figure, "denominator_value": value, "denominator_year": 2024, "denominator_source": "census",
        }


def test_another_population_adds_observations_and_keeps_the_old(node, feed_zip):
    add_city(node, "tiny", [feed_zip], population=50_000, area_km2=2)
    computed(node, "tiny")
    before = {record.id: record for record in node.observations("tiny", history=True)}
    node.catalogue.add_city_figure(CityFigure("tiny", Figure.POPULATION, 2025, 100_000, "census"))
    added = [record for record in node.observations("tiny", history=True) if record.id not in before]
    per_head = {"pt_network_length_per_100k", "pt_high_capacity_length_per_100k", "pt_vehicle_km_per_capita",
                "pt_departures_per_1k_weekday"}  # fmt: skip
    divided = [record for record in added if record.observation.origin == "computed"]
    assert {record.observation.indicator for record in divided} == per_head and len(divided) == 6
    assert {r.observation.indicator for r in added} - per_head == {"population", "population_density"}
    kept = {record.id: record for record in node.observations("tiny", history=True)}
    assert before.items() <= kept.items()
    assert compute(node, "tiny").recorded == []  # it was divided at once, and computing it gives the same numbers
    current = {record.id for record in node.observations("tiny")}
    assert {record.id for record in divided} <= current
    halves = [r.observation.value for r in node.observations("tiny", "pt_departures_per_1k_weekday", history=True)]
    assert sorted(halves) == pytest.approx([84 / 100, 84 / 50])


def test_a_date_chooses_the_version_and_the_days(node, feed_zip):
    add_city(node, "tiny", [feed_zip])
    computed(node, "tiny")
    # The representative week nearest to 10 January begins on Monday the 8th.
    found = compute(node, "tiny", date=dt.date(2024, 1, 10))
    (weekday,) = {record.observation.reference_date for record in found.recorded}
    assert dt.date(2024, 1, 8) <= weekday <= dt.date(2024, 1, 12)
    with pytest.raises(NotFound):
        compute(node, "tiny", date=dt.date(2030, 1, 1))
    with pytest.raises(NotFound):
        compute(node, "nowhere")


def test_a_source_that_is_not_in_force_with_the_others_is_named(node, feed_zip, tmp_path):
    ended = {name: text.replace("2024", "2021") for name, text in tiny_feed().items()}
    add_city(node, "tiny", [write_zip(tmp_path / "ended.zip", ended), feed_zip])
    both = computed(node, "tiny")
    old, new = node.catalogue.list_sources("tiny")
    assert (both.left_out, [version.source_id for version in both.versions]) == ((old,), [new.id])
    assert compute(node, "tiny", date=dt.date(2021, 2, 10)).left_out == (new,)


def test_every_number_walks_back_to_the_bytes(looked_at):
    for record in computed_ones(looked_at):
        found = explain(looked_at, record.id)
        assert found.recorded == record and found.indicator.code == record.observation.indicator
        (origin,) = found.origins
        assert origin.version.content_hash in record.observation.inputs.values()
        assert sha256_of(origin.archive_path) == origin.snapshot.sha256 and origin.is_sound
        assert origin.lake_files and not origin.damaged_tables
        assert [attempt.sha256 for attempt in origin.attempts] == [origin.snapshot.sha256]


def test_damage_is_told(node, feed_zip):
    add_city(node, "tiny", [feed_zip])
    record = computed(node, "tiny").recorded[0]
    (origin,) = explain(node, record.id).origins
    (trips,) = (file for file in origin.lake_files if file.table == "trips")
    for path in (origin.archive_path, node.lake.folder / trips.path):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    (origin,) = explain(node, record.id).origins
    assert not origin.is_sound and origin.damaged_tables == ("trips",)
    # Bytes that are gone are told as well; the number itself stays readable.
    origin.archive_path.unlink()
    (origin,) = explain(node, record.id).origins
    assert not origin.is_sound and not origin.archive_path.exists()
    assert explain(node, record.id).recorded == record

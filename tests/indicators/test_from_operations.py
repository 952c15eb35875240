"""Indicators of a reconstructed day: their values by hand, what they carry, and what a change of the day does to them."""

from __future__ import annotations

import datetime as dt

import pytest
from cities_with_feeds import add_city, computed
from observed_days import DATE, add_day

from interurban.errors import NotFound
from interurban.indicators.compute import compute
from interurban.indicators.explain import explain
from interurban.indicators.from_operations import MAKERS
from interurban.indicators.observed_day import performed_dates
from interurban.indicators.outages import outages
from interurban.model import City, Source
from interurban.model.realtime import Coverage

# 7 trips of "often" (one cancelled) and 4 of "dark" (one seen), 3 stops each: 33 promised, 6 x 3 + 1 x 3 = 21 seen.
EXPECTED = {
    ("pt_on_time_share", "all"): (100.0, 21, 21 / 33),
    ("pt_on_time_share", "tram"): (100.0, 18, 18 / 21),
    ("pt_on_time_share_of_scheduled", "all"): (21 / 33 * 100, 21, 21 / 33),
    ("pt_mean_delay", "tram"): (2.0, 12, 12 / 14),
    # Those who come from 8:20 on find the 8:30 missing: 20 minutes once in place of 10 twice, over the hour.
    ("pt_excess_wait_time", "tram"): (None, None, 12 / 14),
    ("pt_service_delivered_share", "all"): (7 / 11 * 100, 11, 8 / 11),
    ("pt_service_delivered_share_upper", "all"): (10 / 11 * 100, 11, 8 / 11),
    ("pt_service_delivered_share", "bus"): (25.0, 4, 0.25),
    ("pt_rt_trip_coverage_share", "all"): (8 / 11 * 100, 11, None),
    ("pt_rt_completeness_share", "bus"): (25.0, 4, None),
}


@pytest.fixture(scope="session")
def reconstructed(tmp_path_factory, feed_zip):
    """A node with the city "tiny" and a reconstructed day of it; not to be changed."""
    from interurban.store.node import init_node

    with init_node(tmp_path_factory.mktemp("operations") / "node") as node:
        add_city(node, "tiny", [feed_zip])
        (source,) = node.catalogue.list_sources("tiny")
        add_day(node, source.id)
        computed(node, "tiny")
        yield node


def of_operations(node) -> dict[tuple[str, str], object]:
    return {(r.observation.indicator, r.observation.mode): r for r in node.observations("tiny") if r.observation.indicator in MAKERS}


@pytest.mark.parametrize(("code", "mode"), EXPECTED)
def test_by_hand(reconstructed, code, mode):
    o = of_operations(reconstructed)[code, mode].observation
    value, n, coverage = EXPECTED[code, mode]
    if value is not None:
        assert (o.value, o.n) == (pytest.approx(value), n)
    assert o.coverage == (None if coverage is None else pytest.approx(coverage))
    assert (o.period_start, o.period_end, o.reference_date) == (DATE, DATE, None)


def test_excess_wait_by_hand(reconstructed):
    # At each of two boarding stops passengers of 8:00-9:00 (the timetable's) meet departures at :02, :12, :22, :42, :52, 9:02.
    # Waited twice, in minutes squared: 2^2 for the first two minutes, four times 10^2, 20^2, and of the last ten 10^2 - 2^2.
    actual = (4 + 4 * 100 + 400 - 4) / (2 * 60)
    o = of_operations(reconstructed)["pt_excess_wait_time", "tram"].observation
    assert o.value == pytest.approx(actual - 5)


def test_what_is_seen_too_seldom_is_marked_unreliable(reconstructed):
    found = of_operations(reconstructed)
    assert found["pt_on_time_share", "tram"].observation.status == "A"
    assert found["pt_on_time_share", "bus"].observation.status == "U"
    assert found["pt_on_time_share", "all"].observation.status == "U"
    assert found["pt_service_delivered_share", "bus"].observation.status == "A"  # an interval says itself what is unknown


def test_what_defends_the_numbers(reconstructed):
    (partition,) = reconstructed.days.list(layer="performed")
    for (code, _), record in of_operations(reconstructed).items():
        o = record.observation
        assert o.inputs == {f"performed:{partition.source_id}:2024-01-01": partition.content_hash}, code
        assert o.feed_version_ids == (1,)
    parameters = of_operations(reconstructed)["pt_on_time_share", "all"].observation.parameters
    assert parameters == {"band_s": [-60, 300], "timepoints_only": True, "max_uncertainty_s": 120, "interpolated": False}


def test_a_number_walks_back_to_the_reconstructed_day(reconstructed):
    record = of_operations(reconstructed)["pt_excess_wait_time", "all"]
    found = explain(reconstructed, record.id)
    (day,) = found.days
    assert (day.partition.layer, day.partition.service_date, day.is_same, day.damaged_files) == ("performed", DATE, True, ())
    assert found.origins[0].version.id == 1


def test_a_day_is_computed_once_and_again_when_it_changes(node, feed_zip):
    add_city(node, "tiny", [feed_zip])
    (source,) = node.catalogue.list_sources("tiny")
    computed(node, "tiny")
    add_day(node, source.id)
    assert performed_dates(node, "tiny") == [DATE]
    first = compute(node, "tiny")
    assert {r.observation.indicator for r in first.recorded} <= set(MAKERS) and first.new > 10
    assert compute(node, "tiny").recorded == []
    add_day(node, source.id, shift_s=300)
    again = compute(node, "tiny")
    assert {r.observation.indicator for r in again.recorded} <= set(MAKERS) and again.recorded
    assert of_operations(node)["pt_on_time_share", "tram"].observation.value == 0
    # The old number stays, and tells that its day has been computed anew since.
    old = next(r for r in first.recorded if r.observation.indicator == "pt_on_time_share")
    (day,) = explain(node, old.id).days
    assert not day.is_same


def test_damage_of_a_day_is_told(node, feed_zip):
    add_city(node, "tiny", [feed_zip])
    (source,) = node.catalogue.list_sources("tiny")
    add_day(node, source.id)
    computed(node, "tiny")
    (file, *_) = node.days.list(layer="performed")[0].files
    path = node.days.folder / file.path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (day,) = explain(node, of_operations(node)["pt_excess_wait_time", "all"].id).days
    assert day.damaged_files == (file.path,)


def test_a_city_without_a_timetable_has_its_days(node):
    node.catalogue.add_city(City("dark", "Dark", "GH", "Africa/Accra"))
    source_id = node.catalogue.add_source(Source("dark", "gtfs-rt-vehicle-positions", "https://example.org/vp.pb")).id
    with pytest.raises(NotFound):
        compute(node, "dark")
    add_day(node, source_id)
    assert {r.observation.indicator for r in compute(node, "dark", DATE).recorded} <= set(MAKERS)
    with pytest.raises(NotFound):
        compute(node, "dark", dt.date(2024, 5, 5))


def test_outages_are_minutes_in_which_no_feed_was_had():
    def minutes(blind: range, letter: str) -> str:
        return "".join(letter if at in blind else "f" for at in range(1440))

    day = dt.date(1970, 1, 2)
    both = [Coverage(1, day, minutes(range(10, 20), "x")), Coverage(2, day, minutes(range(15, 30), "."))]
    assert outages(both) == ((86_400 + 15 * 60, 86_400 + 20 * 60),)
    assert outages(both, blind_from_min=6) == ()
    # Unchanged content is an answer; over midnight two stretches are one.
    late = [Coverage(1, dt.date(1970, 1, 1), minutes(range(1438, 1440), ".")), Coverage(1, day, minutes(range(2), "."))]
    assert outages(late) == ((86_400 - 120, 86_400 + 120),)
    assert outages([Coverage(1, day, "u" * 1440)]) == ()

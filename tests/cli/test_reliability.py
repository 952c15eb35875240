"""`interurban reliability`, and what other commands say of a reconstructed day."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "indicators"))
from observed_days import add_day

DAY = ("--date", "2024-01-01")


@pytest.fixture
def reconstructed(collected, tmp_path):
    """The small city with a day of two routes: one ranked, one seen too seldom."""
    from interurban.store.node import open_node

    with open_node(tmp_path / "node") as node:
        (source,) = node.catalogue.list_sources("smallville")
        add_day(node, source.id)
    return collected


def test_routes_seen_too_seldom_stand_apart_with_the_reason(reconstructed):
    answer = reconstructed("reliability", "smallville", *DAY)
    assert answer.code == 0, answer.err
    ranked, _, unranked = answer.out.partition("Not ranked")
    assert "often" in ranked and "dark" not in ranked
    assert "dark" in unranked and "observed: 25.0%" in unranked
    assert "63.6–90.9%" in ranked  # delivered is an interval
    assert "not to be ranked" in ranked  # of the whole network 64 % were observed
    assert "xcess wait —" in ranked or "xcess wait: —" in ranked, ranked
    (network,) = (line.split() for line in ranked.splitlines() if line.strip().startswith("All routes"))
    assert network[2] == "—"  # nor does the table tell a wait that says how little was seen
    assert "-60…+300 s" in answer.out


def test_a_feed_of_arrivals_alone_is_told(reconstructed, tmp_path):
    from interurban.indicators.reliability_report import reliability_report
    from interurban.indicators.reliability_text import day_notes
    from interurban.store.node import open_node

    with open_node(tmp_path / "node") as node:
        report = reliability_report(node, "smallville", dt.date(2024, 1, 1))
    assert report.arrivals_share is None and not any("arrivals, of" in note for note in day_notes(report)), "too few of both are known"
    assert any("arrivals, of 90.0%" in note for note in day_notes(replace(report, arrivals_share=0.9)))


def test_for_programs(reconstructed):
    report = reconstructed("reliability", "smallville", *DAY, "--band", "-120..119", "--json").json
    (often,), (dark,) = report["ranked"], report["unranked"]
    assert (often["route_id"], often["is_ranked"], often["on_time_share"], often["own_band_share"]) == ("often", True, 1.0, 0.0)
    assert often["on_time_of_scheduled"] == pytest.approx(18 / 21) and often["canceled_share"] == pytest.approx(1 / 7)
    assert (dark["route_id"], dark["completeness"], dark["delivered_low"], dark["delivered_high"]) == ("dark", 0.25, 0.25, 1.0)
    assert report["network"]["trips"] == 11 and report["own_band_s"] == [-120, 119] and report["timepoints_share"] == 1.0


@pytest.mark.parametrize(("language", "said"), [("ru", "Вне ранга"), ("zh", "不参与排名")])
def test_in_other_languages(reconstructed, language, said):
    assert said in reconstructed("reliability", "smallville", *DAY, "--lang", language).out


def test_faults(reconstructed):
    other_day = reconstructed("reliability", "smallville", "--date", "2024-02-01")
    assert other_day.code == 2 and "2024-01-01" in other_day.err
    assert reconstructed("reliability", "nowhere", *DAY).code == 2
    for band in ("300", "300..-60", "a..b"):
        assert reconstructed("reliability", "smallville", *DAY, "--band", band).code == 2


def test_nothing_reconstructed_says_what_to_do(collected):
    answer = collected("reliability", "smallville", *DAY)
    assert answer.code == 2 and "interurban reconstruct smallville" in answer.err


def test_observations_of_a_day_are_recorded_shown_and_explained(reconstructed):
    assert reconstructed("compute", "smallville").code == 0
    shown = reconstructed("show", "smallville", "--indicator", "pt_on_time_share", "--json").json
    whole = next(each for each in shown if each["observation"]["mode"] == "all")
    assert whole["observation"]["period_start"] == whole["observation"]["period_end"] == "2024-01-01"
    assert "?100.0" in reconstructed("show", "smallville", "--indicator", "pt_on_time_share").out
    explained = reconstructed("explain", whole["id"])
    assert explained.code == 0 and "2024-01-01, performed" in explained.out and "as it was when the number was computed" in explained.out

"""Every notice that can arise has a text in each language."""

from __future__ import annotations

import pytest

from interurban.collect.notice_text import SAME_MEANING, notice_text
from interurban.locales import LANGUAGES
from interurban.model import Notice, Severity


def notice(code: str, origin: str = "interurban") -> Notice:
    return Notice(code, Severity.WARNING, origin=origin)


def test_ours() -> None:
    assert notice_text(notice("stray_service_dates"), "en") == (
        "A few service dates lie far from all others. Check the year."
    )
    assert notice_text(notice("stray_service_dates"), "ru").endswith("Проверьте год.")


def test_of_the_packing() -> None:
    assert "GTFS" in notice_text(notice("files_in_folder"), "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_the_canonical_validator(language: str) -> None:
    text = notice_text(notice("route_color_contrast", "gtfs-guru"), language)
    assert text.endswith("route_color_contrast")
    assert notice_text(notice("invalid_time", "gtfs-guru"), language) == notice_text(notice("malformed_time"), language)


def test_the_rules_named_are_the_validator_s_own() -> None:
    import gtfs_guru

    assert set(SAME_MEANING) <= set(gtfs_guru.notice_codes())

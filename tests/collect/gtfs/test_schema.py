"""The description of GTFS is consistent in itself and agrees with an independent reading of the reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from interurban.collect.gtfs.schema import OTHER_FILES, TABLES, Kind, TableSpec, _fields

REFERENCE_FILES = """
    agency stops routes trips stop_times calendar calendar_dates fare_attributes fare_rules timeframes rider_categories
    fare_media fare_products fare_leg_rules fare_leg_join_rules fare_transfer_rules areas stop_areas networks
    route_networks shapes frequencies transfers pathways levels location_groups location_group_stops booking_rules
    translations feed_info attributions
"""


def test_every_file_of_the_reference_is_described() -> None:
    assert sorted(TABLES) == sorted(REFERENCE_FILES.split())
    assert OTHER_FILES == ("locations.geojson",)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_keys_and_references_name_fields_that_exist(table: TableSpec) -> None:
    names = [f.name for f in table.fields]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    for field, other, there in table.references:
        assert field in names
        assert there in {f.name for f in TABLES[other].fields}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_enums_list_their_values_and_only_they_do(table: TableSpec) -> None:
    for field in table.fields:
        assert bool(field.allowed) == (field.kind is Kind.ENUM), field.name
        assert field.allowed == tuple(sorted(set(field.allowed)))


def test_notation() -> None:
    required, limited, listed = _fields("a id!\nb integer >=1\nc enum! 1|2|5")
    assert (required.name, required.kind, required.required) == ("a", Kind.ID, True)
    assert (limited.minimum, limited.required) == (1.0, False)
    assert (listed.allowed, listed.required) == ((1, 2, 5), True)


def test_the_canonical_rules_know_every_file_and_column(tmp_path: Path) -> None:
    """A feed with every file and column described here: another reader must find none strange."""
    import gtfs_guru

    for table in TABLES.values():
        header = ",".join(f.name for f in table.fields)
        (tmp_path / f"{table.name}.txt").write_text(f"{header}\n{',' * (len(table.fields) - 1)}\n")
    (tmp_path / "strange.txt").write_text("a\n1\n")
    (tmp_path / "levels.txt").write_text("level_id,level_index,strange\nL,0,1\n")
    found = {
        (notice["code"], sample.get("filename"), sample.get("fieldName"))
        for notice in gtfs_guru.validate(str(tmp_path)).to_dict()["notices"]
        for sample in notice["sampleNotices"]
        if notice["code"] in ("unknown_file", "unknown_column")
    }
    assert found == {("unknown_file", "strange.txt", None), ("unknown_column", "levels.txt", "strange")}

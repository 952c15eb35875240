"""Cells that nobody foresaw, in every column of every source: each row still comes to something, and nothing breaks."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from interurban.collect.tables import TABLES
from interurban.collect.tables.formats import MAIN, Folder, table_of
from interurban.collect.tables.lines import cell_reasons, keep_within, make_lines, open_tables, put_together, read_places, row_outcomes

CELLS = (
    "", " ", "NA", ":", "-", "0", "-1", "1", "2020", "0000", "9999", "99999", "1e999", "-1e999", "nan", "inf", "1,2", "1.048.491",
    "2020-02-30", "2020-13",
    "2020-Q9", "2021-02", "2021-02-03", "2021-02-03T00:00", "31-02-2020", "02/30/2020", "03/01/2020", "01-Apr-10", "99/99/9999",
    "2014-01-01 - 2013-12-31",
    "I квартал", "V", "'; DROP TABLE source; --", '"', "|", "{}", "=1+1", "POINT(1 2)", "POINT(x y)", "(91, 181)", "http://www.wikidata.org/entity/Q0",
    "😀", "\u202e", "москва", "Total", "system", "Census - de jure - complete tabulation", "999999", "4",
    "123456789012345678901234567890", "0x10", "1_000",
)  # fmt: skip
LAYOUTS = [(source, layout) for source in TABLES for layout in source.layouts]
NO_BOUNDS = pa.table({name: pa.array([], pa.string() if name == "indicator" else pa.float64())
                      for name in ("indicator", "valid_min", "valid_max", "plausible_min", "plausible_max")})  # fmt: skip


@pytest.mark.parametrize(("source", "layout"), LAYOUTS, ids=[f"{source.kind}-{layout.name}" for source, layout in LAYOUTS])
def test_any_cells_are_accounted_for(source, layout):
    chance = random.Random(f"{source.kind} {layout.name}")
    names = [f"n{n}" for n in range(1, 901)] if source.kind == "beijing-subway" else list(layout.needs)
    rows = [[chance.choice(CELLS) for _ in names] for _ in range(150)]
    if isinstance(layout.format, Folder):
        pytest.skip("several files: below")
    con = open_tables({MAIN: table_of(names, rows), "footnotes": table_of(["footnoteSeqID", "Footnote"], [["1", "x"], ["", ""]])})
    make_lines(con, source, layout)
    places = read_places(con, layout)["place"]
    matches = pa.table({"place": places, "city_id": places})
    keep_within(con, matches, NO_BOUNDS)
    put_together(con, source, matches)
    assert sum(row_outcomes(con).values()) == len(rows)
    assert all(reason and count > 0 for reason, _, count, _, _ in cell_reasons(con))
    wrong = con.execute("SELECT count(*) FROM value WHERE NOT isfinite(value) OR start_day IS NULL OR end_day < start_day").fetchall()
    assert wrong == [(0,)], "what is recorded is a number with a time"


def test_any_files_of_citylines_are_accounted_for(tmp_path):
    source, layout = next(each for each in LAYOUTS if isinstance(each[1].format, Folder))
    chance = random.Random(1)
    columns = {
        "station_lines": ("id", "station_id", "line_id", "city_id"),
        "stations": ("id", "name", "geometry", "opening", "closure", "city_id"),
        "lines": ("id", "city_id", "name", "transport_mode_id"), "cities": ("id", "name", "coords", "country"),
    }  # fmt: skip
    quoted = [cell.replace('"', '""') for cell in CELLS]
    for name, header in columns.items():
        rows = (",".join(f'"{chance.choice([*quoted, "4", "1"])}"' for _ in header) for _ in range(150))
        (tmp_path / f"{name}.csv").write_text("\n".join([",".join(header), *rows]) + "\n", encoding="utf-8")
    con = open_tables(layout.format.read(tmp_path))
    make_lines(con, source, layout)
    places = read_places(con, layout)["place"]
    put_together(con, source, pa.table({"place": places, "city_id": places}))
    assert sum(row_outcomes(con).values()) == 150

"""The ASEM set (51 countries, 49 indicators; W. Becker, COINr, MIT) as a definition and a table."""

from __future__ import annotations

import csv
from pathlib import Path

from interurban.ratings.definition import Definition, parse_definition
from interurban.ratings.table import Table, make_table

GROUPS = ("GDP_group", "GDPpc_group", "Pop_group", "EurAsia_group")
ROW = {"Level": "", "Parent": ""}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    return None if text in ("", "NA") else float(text)


def asem_table(folder: Path, name: str = "ASEM_iData.csv") -> Table:
    data = rows(folder / name)
    numeric = [code for code in data[0] if code not in ("uName", "uCode", "Time", *GROUPS)]
    return make_table(
        [row["uCode"] for row in data],
        {code: [number(row[code]) for row in data] for code in numeric},
        labels={group: [row[group] for row in data] for group in GROUPS},
        years=[int(row["Time"]) for row in data] if name.endswith("_p.csv") else None,
    )


def asem_raw(folder: Path) -> dict:
    """The published default: denominate, group means for what is missing, winsorise, min-max 0 to 100, arithmetic, equal weights."""
    meta = rows(folder / "ASEM_iMeta.csv")
    indicators = [
        {
            "code": row["iCode"], "parent": row["Parent"], "direction": "higher" if row["Direction"] == "1" else "lower",
            "weight": float(row["Weight"]), "target": float(row["Target"]),
            **({"denominator": row["Denominator"]} if row["Denominator"] else {}),
        }
        for row in meta if row["Type"] == "Indicator"
    ]
    levels = [
        {
            "name": name,
            "parents": {row["iCode"]: row["Parent"] for row in meta if row["Level"] == str(level)},
            "weights": {row["iCode"]: float(row["Weight"]) for row in meta if row["Level"] == str(level)},
        }
        for level, name in ((2, "pillars"), (3, "sub-indexes"), (4, "index"))
    ]
    return {
        "id": "asem", "version": 1, "indicators": indicators, "levels": levels, "groups": [{"code": code} for code in GROUPS],
        "impute": {"method": "group-mean", "group": "EurAsia_group"}, "treat": {"method": "winsorise"}, "normalise": "min-max",
    }


def asem_definition(folder: Path, **changes: object) -> Definition:
    return parse_definition({**asem_raw(folder), **changes})

"""Files damaged at random are read or refused, never the end of the program."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import zipfile
from pathlib import Path

import pytest

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.questionnaire_writing import write_questionnaire
from interurban.indicators.submissions.raw import UnreadableFile
from interurban.indicators.submissions.reading import read_file
from interurban.indicators.submissions.rules import RULES, Known
from interurban.indicators.submissions.values import Codes, read_values
from interurban.store.node import Node

EXAMPLES = int(os.environ.get("INTERURBAN_FUZZ", "15"))
SDMX = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,INDICATOR,MODE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,COMMENT\n"
    + "dataflow,IUB:CITY_INDICATORS(1.0),I,A,newport,pt_boardings,bus,2023,1.5,million boardings per year,\"as, counted\"\n" * 3
)
PIECES = (
    b"\0", b"\xff", b'"', b",", b"<", b">", b"&", b"=", b"-", b"9" * 40, b"1e999", b"", b"\n", b"\xd0", b"0x", b'r="99999999"', b't="e"',
    b't="d"',
)


def damaged(data: bytes, choice: random.Random) -> bytes:
    """The bytes with a few places cut out, put in or changed."""
    for _ in range(choice.randint(1, 6)):
        at = choice.randrange(len(data) + 1)
        data = data[:at] + choice.choice(PIECES) + data[at + choice.choice((0, 0, 1, 1, 3, 40)):]
    return data


def damaged_book(data: bytes, choice: random.Random) -> bytes:
    """A workbook one of whose parts is damaged, and whose zip is whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write:
        part = choice.choice(read.namelist())
        for name in read.namelist():
            contents = read.read(name)
            write.writestr(name, damaged(contents, choice) if name == part else contents)
    return out.getvalue()


def taken_in(path: Path) -> None:
    """Read as a submission is; only what says that nothing can be used may be raised."""
    try:
        file = read_file(path)
    except UnreadableFile:
        return
    values, _ = read_values(file, Codes(("newport", "oldport"), indicators(), "newport"))
    for rule in RULES:
        list(rule(values, Known(dt.date(2026, 7, 1), indicators())))


@pytest.mark.parametrize("kind", ["text", "parts", "zip"])
def test_damaged_files(node: Node, tmp_path: Path, kind: str):
    whole = tmp_path / "whole.xlsx"
    write_questionnaire(node, "newport", 2023, "ru", whole)
    book = whole.read_bytes()
    for seed in range(EXAMPLES):
        choice = random.Random(seed)
        made = {
            "text": lambda c=choice: damaged(SDMX.encode(), c), "parts": lambda c=choice: damaged_book(book, c),
            "zip": lambda c=choice: damaged(book, c),
        }[kind]()
        path = tmp_path / "damaged"
        path.write_bytes(made)
        try:
            taken_in(path)
        except Exception as error:  # noqa: BLE001  whatever it is, it names its seed
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")

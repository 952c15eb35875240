"""An archive gives the same rating again; what was changed in it is found."""

from __future__ import annotations

import json

import pytest
from asem import asem_definition

from interurban.errors import DataError
from interurban.ratings.archive import archive_of, read_archive, verify
from interurban.ratings.definition import WrongDefinition
from interurban.ratings.rate import rate
from interurban.ratings.runs.uncertainty import uncertainty

FACTORS = [{"code": "inputs", "kind": "inputs"}, {"code": "weights", "kind": "weights", "levels": [1]}]


@pytest.fixture(scope="module")
def archive(asem, table) -> dict:
    definition = asem_definition(asem, factors=FACTORS)
    made = archive_of(rate(definition, table), uncertainty(definition, table, 50, 7), [{"city": "AUT", "observation": "0123"}], "1.0")
    return json.loads(json.dumps(made, allow_nan=False))


def test_an_archive_read_elsewhere_gives_every_number_again(archive, nominal):
    found = verify(archive)
    assert found.differences == ()
    assert found.result.scores().tolist() == nominal.scores().tolist()
    assert found.uncertainty is not None
    assert archive["inputs"] == [{"city": "AUT", "observation": "0123"}]


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("result", "scores", "Index"), 1.0, "result.scores.Index[0]"), (("result", "ranks"), 51.0, "result.ranks[0]"),
        (("uncertainty", "rank", "high"), 0.5, "uncertainty.rank.high[0]"),
    ],
)
def test_a_number_that_was_changed_is_named(archive, path, value, place):
    changed = json.loads(json.dumps(archive))
    at = changed
    for key in path:
        at = at[key]
    at[0] = value
    assert [each.place for each in verify(changed).differences] == [place]


def test_data_that_were_changed_show_in_the_results(archive):
    changed = json.loads(json.dumps(archive))
    changed["table"]["columns"]["LPI"][0] += 1e-6
    places = [each.place for each in verify(changed).differences]
    assert "result.scores.LPI[0]" in places


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "zip"}, "format"), ({"format_version": 2}, "reads no other"), ({"result": []}, "result"),
        ({"table": {"cities": [1]}}, "table.cities"), ({"table": {"cities": ["a"], "columns": [1]}}, "table.columns"),
        ({"uncertainty": {"runs": 10**12, "seed": 1}}, "uncertainty.runs"), ({"uncertainty": {"runs": "many", "seed": 1}}, "uncertainty"),
        ({"uncertainty": 3}, "uncertainty"),
    ],
)
def test_what_is_no_archive_is_refused(archive, change, said):
    with pytest.raises(DataError, match=said):
        verify({**archive, **change})


def test_faults_of_an_archived_definition_are_told(archive):
    with pytest.raises(WrongDefinition):
        read_archive({**archive, "definition": {}})
    with pytest.raises(DataError):
        read_archive("text")

"""What a city told in its diagnosis, as a table that it hands in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from interurban.errors import UsageError
from interurban.indicators.catalogue import indicators
from interurban.indicators.diagnosis_form import climate_form
from interurban.indicators.submissions.desk import Handed
from interurban.locales import message

_MAPPING = """\
delimiter = ","
decimal_mark = "."

[columns]
indicator = "indicator"
value = "value"
unit = "unit"

[constants]
city = "{city}"
time = "{year}"
confidence = "C"
"""


def handed_answers(values: Mapping[str, float], city_id: str, year: int) -> Handed:
    """The basic answers, those with a number of an indicator of the catalogue; levels and plans wait for their documents.

    Args:
        values: checked answers in the units of the form.
        city_id: a city of the node.
        year: that the answers are of.

    Raises:
        UsageError: there is no such answer.
    """
    fields = [
        each for step in climate_form() for each in step.fields
        if each.code in values and each.code in indicators() and not each.wants_document
    ]
    if not fields:
        raise UsageError(message("diagnosis.nothing_to_hand_in"))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("indicator", "value", "unit"))
    table.writerows((each.code, repr(values[each.code]), each.unit) for each in fields)
    mapping = _MAPPING.format(city=city_id, year=year)
    return Handed(io.BytesIO(text.getvalue().encode()), f"diagnosis-{city_id}-{year}.csv", city_id, mapping.encode())

"""How a questionnaire is laid out: what its writer and its reader agree on, whatever people do to the rest.

A hidden sheet says for whom and for when it is. The sheet of values has a hidden row of field names over its titles and a hidden
column of keys, so that it can be read when rows and columns have been moved, sheets renamed or put in another order.
"""

from __future__ import annotations

MARK = "interurban-questionnaire"
FORMAT = "1"
ABOUT_SHEET = "_interurban"
TITLES, THEME = "titles", "theme"  # keys of rows that ask nothing
EXTRA_ROWS = 25
"""Blank rows under the others, for values by mode and for what was not asked."""

COLUMNS = (
    "key", "indicator", "name", "mode", "unit", "previous", "previous_period", "value", "status", "source", "evidence", "comment", "note",
)
"""Fields of the sheet of values, in the order in which it is written."""

TO_FILL = frozenset({"value", "status", "source", "evidence", "comment"})
TO_FILL_IN_EXTRA_ROWS = TO_FILL | {"indicator", "mode", "unit"}
STATUSES = {
    "A": "questionnaire.status_normal", "E": "questionnaire.status_estimated", "P": "questionnaire.status_provisional",
    "B": "questionnaire.status_break", "D": "questionnaire.status_differs", "U": "questionnaire.status_unreliable",
    "M": "questionnaire.status_missing",
}
"""OBS_STATUS codes offered to a reporter, with what they mean."""

HINTS = ("fill", "numbers", "missing", "jumps", "evidence", "extra", "moved", "send")
THEMES = (
    "base", "network", "service", "access", "reliability", "demand", "shared", "active", "traffic", "safety", "finance", "fleet_env",
    "quality", "climate_energy_production", "climate_energy_consumption", "climate_transport", "climate_green", "climate_waste",
    "climate_emissions", "climate_governance",
)
"""Themes of indicators in the order in which they are asked; others follow."""


def key_of(indicator: str, mode: str, area_definition: str) -> str:
    """What a row asks, as its hidden key has it."""
    return f"{indicator}|{mode}|{area_definition}"

_RUSSIAN = frozenset({"RU", "BY", "KZ", "KG", "TJ", "UZ", "AM", "AZ", "MD"})
_CHINESE = frozenset({"CN", "HK", "MO", "TW"})


def language_of_country(country: str) -> str:
    """Our language in which officials of a country read best."""
    return "ru" if country in _RUSSIAN else "zh" if country in _CHINESE else "en"

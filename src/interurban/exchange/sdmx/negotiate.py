"""Which form an answer takes: from the Accept header or the `format` parameter of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from interurban.errors import NotAcceptable
from interurban.locales import message

_DATA = "application/vnd.sdmx."


@dataclass(frozen=True, slots=True)
class Form:
    """A form of answers: `name` for the program, the media type it is sent as, other types and short names by which it is asked for."""

    name: str
    media_type: str
    other_types: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form of an answer with the parameters that the request gave it (`labels`, `keys`)."""

    form: Form
    parameters: Mapping[str, str] = field(default_factory=dict)


# The first of a list is what "*/*" means: clients that ask so expect SDMX-ML 2.1, as do those that ask for "application/xml".
STRUCTURE_FORMS = (
    Form("xml", f"{_DATA}structure+xml;version=2.1", ("application/xml", "text/xml"), ("sdmx-ml", "sdmx-2.1", "structure")),
    Form("json", f"{_DATA}structure+json;version=2.0.0", ("application/json",), ("sdmx-json",)),
)
DATA_FORMS = (
    Form("generic", f"{_DATA}genericdata+xml;version=2.1", ("application/xml", "text/xml"), ("xml", "sdmx-ml", "genericdata")),
    Form("specific", f"{_DATA}structurespecificdata+xml;version=2.1", (), ("structurespecific", "structurespecificdata")),
    Form("csv", f"{_DATA}data+csv;version=2.0.0", ("text/csv", "application/csv"), ("sdmx-csv", "csvdata", "csvfile")),
    Form("json", f"{_DATA}data+json;version=2.0.0", ("application/json",), ("sdmx-json", "jsondata")),
)


def choose(forms: tuple[Form, ...], accept: str, wanted: str = "") -> Chosen:
    """The form that a request likes best; `wanted` is its `format` parameter, which goes before the header.

    Raises:
        NotAcceptable: it takes none of the forms that there are.
    """
    if wanted:
        for form in forms:
            if wanted.lower() in (form.name, *form.short_names):
                return Chosen(form)
        accept = wanted
    best: tuple[float, int, int] | None = None
    chosen: Chosen | None = None
    for place, part in enumerate((accept.strip() or "*/*")[:4000].split(",")):
        media_type, parameters = _parts(part)
        quality = _quality(parameters.pop("q", "1"))
        found = _form(forms, media_type, parameters.pop("version", ""))
        rank = (quality, 2 - media_type.count("*"), -place)
        if found is not None and quality > 0 and (best is None or rank > best):
            best, chosen = rank, Chosen(found, parameters)
    if chosen is None:
        allowed = ", ".join(form.media_type for form in forms)
        raise NotAcceptable(message("sdmx.not_acceptable", allowed=allowed), allowed=[form.media_type for form in forms])
    return chosen


def _parts(text: str) -> tuple[str, dict[str, str]]:
    media_type, *rest = (part.strip() for part in text.split(";"))
    pairs = (part.partition("=") for part in rest)
    # A "+" in the address of a request came as a blank where a form wrote it.
    return media_type.lower().replace(" ", "+"), {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}


def _form(forms: tuple[Form, ...], media_type: str, version: str) -> Form | None:
    if media_type in ("*/*", "application/*", "*"):
        return forms[0]
    for form in forms:
        own, own_parameters = _parts(form.media_type)
        if media_type == own and (not version or _same_version(version, own_parameters["version"])):
            return form
        if media_type in form.other_types:
            return form
    if media_type == "text/*":
        return next((form for form in forms if any(each.startswith("text/") for each in form.other_types)), None)
    return None


def _same_version(one: str, other: str) -> bool:
    """Whether "2.0" and "2.0.0" are meant alike."""
    return re.sub(r"(\.0)+$", "", one) == re.sub(r"(\.0)+$", "", other)


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0

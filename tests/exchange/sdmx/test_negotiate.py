"""Which form an answer takes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.errors import NotAcceptable
from interurban.exchange.sdmx.negotiate import DATA_FORMS, STRUCTURE_FORMS, choose


@pytest.mark.parametrize(("accept", "form"), [
    ("", "xml"), ("*/*", "xml"), ("application/xml", "xml"), ("application/json", "json"), ("text/xml", "xml"),
    ("application/vnd.sdmx.structure+json;version=2.0.0", "json"), ("application/vnd.sdmx.structure+json; version=2.0", "json"),
    ("application/vnd.sdmx.structure+json", "json"), ("application/vnd.sdmx.structure+xml;version=2.1", "xml"),
    ("application/vnd.sdmx.structure+xml;version=3.0.0, application/vnd.sdmx.structure+json;version=2.0.0;q=0.5", "json"),
    ("application/json;q=0.1, application/xml", "xml"), ("application/json, application/xml;q=0.9", "json"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "xml"),
])
def test_structures(accept, form):
    assert choose(STRUCTURE_FORMS, accept).form.name == form


@pytest.mark.parametrize(("accept", "form"), [
    ("*/*", "generic"), ("application/xml", "generic"), ("text/csv", "csv"), ("application/json", "json"),
    ("application/vnd.sdmx.data+csv;version=2.0.0", "csv"), ("application/vnd.sdmx.structurespecificdata+xml;version=2.1", "specific"),
    ("application/vnd.sdmx.data+json;version=2.0.0, */*;q=0.1", "json"), ("*/*, text/csv", "csv"), ("text/*", "generic"),
])
def test_data(accept, form):
    assert choose(DATA_FORMS, accept).form.name == form


def test_parameters_of_a_form():
    chosen = choose(DATA_FORMS, 'application/vnd.sdmx.data+csv;version=2.0.0;labels="both";keys=obs')
    assert chosen.parameters == {"labels": "both", "keys": "obs"}


@pytest.mark.parametrize(("wanted", "form"), [
    ("csv", "csv"), ("sdmx-json", "json"), ("jsondata", "json"),
    ("structurespecific", "specific"), ("genericdata", "generic"), ("XML", "generic"),
    ("application/vnd.sdmx.data+csv;version=2.0.0", "csv"), ("application/vnd.sdmx.data csv", "csv"),
])
def test_the_parameter_goes_before_the_header(wanted, form):
    assert choose(DATA_FORMS, "application/json", wanted).form.name == form


@pytest.mark.parametrize(("accept", "wanted"), [
    ("image/png", ""), ("application/vnd.sdmx.data+csv;version=1.0.0", ""), ("text/csv;q=0", ""), ("", "pdf"), ("application/json;q=x", ""),
])
def test_what_is_not_there_is_not_acceptable(accept, wanted):
    with pytest.raises(NotAcceptable) as told:
        choose(DATA_FORMS, accept, wanted)
    assert "application/vnd.sdmx.data+csv;version=2.0.0" in told.value.fields["allowed"]


@given(st.text(max_size=80))
def test_whatever_is_accepted_gives_a_form_or_a_refusal(accept):
    with contextlib.suppress(NotAcceptable):
        assert choose(DATA_FORMS, accept).form in DATA_FORMS

"""The catalogue of data as harvesters want it."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
from few_answers import few_answers
from rdflib import DCAT, DCTERMS, FOAF, BNode, Graph, URIRef
from starlette.testclient import TestClient

from interurban.exchange.dcat_entries import page
from interurban.model import Source
from interurban.web import catalog as catalog_routes
from interurban.web.app import create_app

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib of its own reader of JSON-LD

SHAPES = Path(__file__).with_name("mobility_shapes.ttl")
BASE = "http://testserver/"


@pytest.fixture(scope="module")
def harvested(tmp_path_factory):
    """A node with feeds of several kinds, one of them a file on this machine."""
    folder = tmp_path_factory.mktemp("catalog") / "node"
    node, _ = few_answers(folder)
    node.catalogue.add_source(Source("moscow", "gtfs", "https://example.org/gtfs.zip", licence="CC BY 4.0", attribution="Moscow Transport"))
    node.catalogue.add_source(Source("paris", "gtfs", "/home/somebody/private/gtfs.zip"))
    node.close()
    with TestClient(create_app(folder)) as client:
        yield client


def graph(answer, form: str = "turtle") -> Graph:
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.content, format=form)


def test_the_catalogue_has_all_that_is_mandatory(harvested):
    conforms, _, text = pyshacl.validate(graph(harvested.get("/catalog.ttl")), shacl_graph=Graph().parse(SHAPES), inference="none")
    assert conforms, text


def test_the_shapes_see_what_is_missing(harvested):
    found = graph(harvested.get("/catalog.ttl"))
    found.remove((None, DCTERMS.rights, None))
    assert not pyshacl.validate(found, shacl_graph=Graph().parse(SHAPES), inference="none")[0]


def test_dataflows_tables_and_feeds_are_in_it(harvested):
    found = graph(harvested.get("/catalog.ttl"))
    datasets = {str(each).removeprefix(f"{BASE}catalog/dataset/") for each in found.objects(URIRef(f"{BASE}catalog"), DCAT.dataset)}
    assert datasets == {"flow-CITY_INDICATORS", "flow-CITY_FEED_QUALITY", "city-moscow", "city-paris", "feed-1", "feed-2"}
    feed = URIRef(f"{BASE}catalog/dataset/feed-1")
    distribution = URIRef(f"{feed}#feed")
    assert (distribution, DCAT.accessURL, URIRef("https://example.org/gtfs.zip")) in found
    assert (distribution, DCTERMS.license, URIRef("http://publications.europa.eu/resource/authority/licence/CC_BY_4_0")) in found
    assert (feed, DCTERMS.spatial, URIRef("http://www.wikidata.org/entity/Q649")) in found
    titles = {title.language: str(title) for title in found.objects(URIRef(f"{BASE}catalog/dataset/city-moscow"), DCTERMS.title)}
    assert titles == {"en": "Indicators of Moscow", "ru": "Показатели: Москва", "zh": "莫斯科的指标"}


def test_the_three_forms_say_the_same(harvested):
    endings = (("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml"))
    forms = [graph(harvested.get(f"/catalog.{ending}"), form) for ending, form in endings]
    without_views = [{triple for triple in each if "catalog." not in f"{triple[0]}{triple[2]}"} for each in forms]
    assert without_views[0] == without_views[1] == without_views[2]


def test_nothing_is_blank_and_nothing_changes_from_one_harvest_to_the_next(harvested):
    first, second = graph(harvested.get("/catalog.ttl")), graph(harvested.get("/catalog.ttl"))
    assert set(first) == set(second)
    assert not any(isinstance(term, BNode) for triple in first for term in triple)


def test_places_on_this_machine_are_not_told(harvested):
    assert "/home/somebody" not in harvested.get("/catalog.ttl").text
    assert "/home/somebody" not in harvested.get("/catalog/dataset/feed-2").text


def test_every_distribution_of_ours_is_there(harvested):
    found = graph(harvested.get("/catalog.ttl"))
    ours = [str(each) for each in found.objects(None, DCAT.accessURL) if str(each).startswith(BASE)]
    assert len(ours) == 2 * 6 + 2 * 3 + 1
    for address in ours:
        flow = "CITY_FEED_QUALITY" in address
        assert harvested.get(address).status_code in ((204, 404) if flow else (200,)), address


def test_a_dataset_is_found_at_its_address(harvested):
    whole = graph(harvested.get("/catalog.ttl"))
    one = URIRef(f"{BASE}catalog/dataset/city-moscow")
    alone = graph(harvested.get(str(one), headers={"accept": "application/ld+json"}), "json-ld")
    assert set(alone.triples((one, None, None))) == set(whole.triples((one, None, None)))
    record = next(whole.subjects(FOAF.primaryTopic, one))
    assert str(record).startswith(str(one))
    assert harvested.get("/catalog/dataset/nothing").status_code == 404


def test_pages_lead_from_one_to_the_next(harvested, monkeypatch):
    monkeypatch.setattr(catalog_routes, "_PAGE_SIZE", 4)
    first = harvested.get("/catalog.ttl")
    assert first.headers["link"] == f'<{BASE}catalog.ttl?page=2>; rel="next"'
    second = harvested.get(first.links["next"]["url"])
    assert "link" not in second.headers
    datasets = [set(graph(each).objects(URIRef(f"{BASE}catalog"), DCAT.dataset)) for each in (first, second)]
    assert [len(each) for each in datasets] == [4, 2] and not datasets[0] & datasets[1]
    assert harvested.get("/catalog.ttl?page=3").status_code == 404
    assert harvested.get("/catalog.ttl?page=0").status_code == 422
    assert page([], 1, 10) == ([], 1)


def test_the_owner_says_under_which_address_it_is_known(tmp_path):
    node, _ = few_answers(tmp_path)
    node.close()
    settings = tmp_path / "interurban.toml"
    settings.write_text(settings.read_text().replace('public_url = ""', 'public_url = "https://data.city.example"'))
    with TestClient(create_app(tmp_path)) as client:
        assert (URIRef("https://data.city.example/catalog"), None, None) in graph(client.get("/catalog.ttl"))


def test_a_known_catalogue_is_not_sent_again(harvested):
    tag = harvested.get("/catalog.ttl").headers["etag"]
    assert harvested.get("/catalog.ttl", headers={"if-none-match": tag}).status_code == 304

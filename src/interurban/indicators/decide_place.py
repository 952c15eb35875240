"""A person's word on which city a place of an imported table is."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.errors import UsageError
from interurban.indicators.places import is_in_country_of
from interurban.locales import message
from interurban.model.place import PlaceDecision
from interurban.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the one that it replaces, if any."""

    now: PlaceDecision
    earlier: PlaceDecision | None


def decide_place(catalogue: Catalogue, number: int, city_id: str | None, decided_by: str, reason: str | None = None) -> Decided:
    """Keep a person's word on a place; one given earlier is replaced and stays readable.

    Args:
        catalogue: The node's.
        number: The place's, of those that wait or that are decided.
        city_id: The city that it is; None: none of ours.
        decided_by: Who says so.
        reason: Why.

    Raises:
        NotFound: there is no such place or city.
        UsageError: the source puts the place in another country than the city's.
    """
    opened = catalogue.get_open_place(number)
    place = opened.match.place
    if city_id is not None:
        city = catalogue.get_city(city_id)
        if not is_in_country_of(place, city):
            told = message("tables.city_of_another_country", place=place.key, country=place.country or "", city=city.id, other=city.country)
            raise UsageError(told, place=place.key, city=city.id, found=place.country, allowed=city.country)
    earlier = [each for each in catalogue.list_place_decisions(opened.importer) if each.place == place.key]
    return Decided(catalogue.decide_place(opened.importer, place.key, city_id, decided_by, reason), earlier[-1] if earlier else None)

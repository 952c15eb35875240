"""The baseline into a node: cities that are not there yet, and the figures of all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from interurban.errors import AlreadyExists, NotFound
from interurban.indicators.baseline.tables import GROUPS, BaselineCity, baseline_cities, baseline_observations
from interurban.locales import message
from interurban.model.city import City
from interurban.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: ids of the cities as the node has them, how many of them are new, how many observations are."""

    cities: tuple[str, ...]
    new_cities: int
    new_observations: int


def load_baseline(catalogue: Catalogue, city_ids: Collection[str] = (), group: str | None = None) -> Loaded:
    """Load these cities (none named: all), of a group only where one is given; what is there already is left as it is.

    A city that the node has under this or another id is known by its Wikidata item or UN/LOCODE, and keeps what the node says of it.

    Raises:
        NotFound: the baseline has no such city or group.
        AlreadyExists: the node has another city of the same id.
    """
    there = catalogue.list_cities()
    chosen = {each.city.id: _known(each.city, there) for each in _chosen(city_ids, group)}
    new = [baseline_cities()[city_id].city for city_id, known in chosen.items() if known is None]
    taken = {city.id for city in new} & {city.id for city in there}
    if taken:  # said before anything is written
        raise AlreadyExists(message("store.city_exists", city=", ".join(sorted(taken))), city=min(taken))
    for city in new:
        catalogue.add_city(city)
    names = {city_id: known.id if known else city_id for city_id, known in chosen.items()}
    observations = [replace(each, city_id=names[each.city_id]) for each in baseline_observations() if each.city_id in names]
    return Loaded(tuple(names.values()), len(new), len(catalogue.add_observations(observations)))


def _chosen(city_ids: Collection[str], group: str | None) -> Iterator[BaselineCity]:
    known = baseline_cities()
    for name in city_ids:
        if name not in known:
            raise NotFound(message("baseline.no_city", city=name, known=", ".join(known)), city=name)
    if group is not None and group not in GROUPS:
        raise NotFound(message("baseline.no_group", group=group, known=", ".join(GROUPS)), group=group)
    yield from (each for each in known.values() if (not city_ids or each.city.id in city_ids) and (group is None or group in each.groups))


def _known(city: City, there: list[City]) -> City | None:
    """The city as the node has it: the same Wikidata item, or the same UN/LOCODE and no other item."""
    for each in there:
        if each.wikidata == city.wikidata or (each.wikidata is None and each.unlocode == city.unlocode):
            return each
    return None

"""Questions for structures, as SDMX-REST asks them: which artefacts, in what detail, and which of those they refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from interurban.errors import NotFound, UsageError
from interurban.exchange.sdmx.artefacts import Artefact, Constraint, DataStructure, ItemScheme, Kind, Reference
from interurban.exchange.sdmx.structures import Structures
from interurban.exchange.sdmx.words import Parameters, choice, has_version, ids, one, segments
from interurban.locales import message

_OTHER_NAMES = {
    "contentconstraint": Kind.CONSTRAINT, "actualconstraint": Kind.CONSTRAINT, "availableconstraint": Kind.CONSTRAINT,
    "dataconstraint": Kind.CONSTRAINT,
}
_NOT_OURS = (  # kinds of the standard of which this platform has none; asking for them is no mistake
    "metadatastructure", "reportingtaxonomy", "hierarchy", "hierarchicalcodelist", "hierarchyassociation", "valuelist", "structuremap",
    "representationmap", "conceptschememap", "categoryschememap", "organisationschememap", "reportingtaxonomymap", "process",
    "dataconsumerscheme", "metadataproviderscheme", "organisationunitscheme", "organisationscheme", "metadataflow", "metadataconstraint",
    "metadataprovisionagreement", "allowedconstraint", "attachmentconstraint", "transformationscheme", "rulesetscheme",
    "userdefinedoperatorscheme", "customtypescheme", "namepersonalisationscheme", "vtlmappingscheme", "geographiccodelist",
    "geogridcodelist", "structureset",
)
_DETAILS = ("full", "raw", "allstubs", "allcompletestubs", "referencestubs", "referencecompletestubs", "referencepartial")
_REFERENCES = ("none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all")


@dataclass(frozen=True, slots=True)
class StructureQuery:
    """What is asked for; None: all. `items` are members of the item schemes that are asked for."""

    kinds: tuple[Kind, ...] | None = None
    agencies: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    version: str = "*"
    items: tuple[str, ...] | None = None
    detail: str = "full"
    references: str = "none"


@dataclass(frozen=True, slots=True)
class Found:
    """Artefacts, and those of them of which only what identifies them is to be written."""

    artefacts: tuple[Artefact, ...]
    stubs: frozenset[Reference]


def read_structure_query(path: str, asked: Parameters) -> StructureQuery:
    """The question of a path below `/structure/`: `{type}/{agency}/{id}/{version}/{item}`, any of which may be missing at the end.

    Raises:
        UsageError: a part of it is not of the standard.
    """
    parts = segments(path)
    if len(parts) > 5:
        raise UsageError(message("sdmx.too_many_parts", most=5), path=path[:200])
    kind, agency, identifier, version, item = parts + ["*", "*", "*", "~", "*"][len(parts):]
    has_version(version)  # its form, before anything is looked for
    return StructureQuery(
        _kinds(kind), ids(agency, "agencyID"), ids(identifier, "resourceID"), version, ids(item, "itemID"),
        choice(one(asked, "detail", "full"), "detail", _DETAILS),
        choice(one(asked, "references", "none"), "references", (*_REFERENCES, *Kind, *_OTHER_NAMES, *_NOT_OURS)),
    )


def find(query: StructureQuery, structures: Structures) -> Found:
    """What answers the question.

    Raises:
        NotFound: nothing does.
    """
    asked = [each for each in structures if _is_asked(each, query)]
    if query.items is not None:
        asked = _with_items(asked, query.items)
    if not asked:
        raise NotFound(message("sdmx.no_such_structure"))
    own = {each.reference for each in asked}
    referred = [each for each in _referred(asked, query.references, structures) if each.reference not in own]
    if query.detail == "referencepartial":
        referred = _partial(referred, [*asked, *referred], structures)
    if query.detail in ("allstubs", "allcompletestubs"):
        stubs = frozenset(each.reference for each in (*asked, *referred))
    else:
        stubs = frozenset(each.reference for each in referred if query.detail in ("referencestubs", "referencecompletestubs"))
    return Found((*asked, *referred), stubs)


def _kinds(text: str) -> tuple[Kind, ...] | None:
    words = text.split(",")
    if any(word in ("*", "structure", "all") for word in words):
        return None
    known = {**{kind.value: kind for kind in Kind}, **_OTHER_NAMES}
    for word in words:
        if word not in known:
            choice(word, "structureType", (*known, *_NOT_OURS))
    return tuple(known[word] for word in words if word in known)


def _is_asked(artefact: Artefact, query: StructureQuery) -> bool:
    return (
        (query.kinds is None or artefact.kind in query.kinds)
        and (query.agencies is None or artefact.agency in query.agencies)
        and (query.ids is None or artefact.id in query.ids)
        and has_version(query.version, artefact.version)
    )


def _with_items(artefacts: Iterable[Artefact], items: Collection[str]) -> list[Artefact]:
    """The item schemes that have some of these items, with those alone."""
    schemes = [each.only(set(items)) for each in artefacts if isinstance(each, ItemScheme)]
    return [each for each in schemes if each.items]


def _referred(asked: list[Artefact], references: str, structures: Structures) -> list[Artefact]:
    match references:
        case "none":
            return []
        case "children":
            return _children(asked, structures)
        case "descendants":
            return _all_levels(asked, structures, down=True)
        case "parents":
            return _parents(asked, structures)
        case "ancestors":
            return _all_levels(asked, structures, down=False)
        case "parentsandsiblings":
            parents = _parents(asked, structures)
            return _unique([*parents, *_children(parents, structures)])
        case "all":
            parents = _parents(asked, structures)
            return _unique([*parents, *_children(parents, structures), *_all_levels(asked, structures, down=True)])
    kind = _OTHER_NAMES.get(references, references)
    both = [*_all_levels(asked, structures, down=True), *_all_levels(asked, structures, down=False)]
    return [each for each in _unique(both) if each.kind == kind]


def _children(artefacts: Iterable[Artefact], structures: Structures) -> list[Artefact]:
    found = (structures.find(reference) for each in artefacts for reference in each.children())
    return _unique([each for each in found if each is not None])


def _parents(artefacts: Iterable[Artefact], structures: Structures) -> list[Artefact]:
    own = {(each.kind, each.id) for each in artefacts}
    return [each for each in structures if any((child.kind, child.id) in own for child in each.children())]


def _all_levels(artefacts: list[Artefact], structures: Structures, *, down: bool) -> list[Artefact]:
    found: list[Artefact] = []
    level = artefacts
    while level:
        known = {each.reference for each in found}
        further = _children(level, structures) if down else _parents(level, structures)
        level = [each for each in further if each.reference not in known]
        found += level
    return found


def _unique(artefacts: Iterable[Artefact]) -> list[Artefact]:
    return list({each.reference: each for each in artefacts}.values())


def _partial(referred: list[Artefact], shown: list[Artefact], structures: Structures) -> list[Artefact]:
    """Item schemes with only what is used: codes by the constraints on what there is, concepts by the data structures."""
    definitions = [each for each in shown if isinstance(each, DataStructure)]
    if not definitions:
        return referred
    used: dict[tuple[Kind, str], set[str]] = {}
    for definition in definitions:
        concepts = used.setdefault((Kind.CONCEPT_SCHEME, definition.concepts), set())
        concepts |= {component.id for component in definition.components}
        for constraint in structures:
            if isinstance(constraint, Constraint) and constraint.dataflow.id == definition.id:
                _use_codes(used, definition, constraint)
    return [
        each.only(used[each.kind, each.id]) if isinstance(each, ItemScheme) and (each.kind, each.id) in used else each for each in referred
    ]


def _use_codes(used: dict[tuple[Kind, str], set[str]], definition: DataStructure, constraint: Constraint) -> None:
    for component in definition.components:
        if component.codelist and component.id in constraint.codes:
            used.setdefault((Kind.CODELIST, component.codelist), set()).update(constraint.codes[component.id])

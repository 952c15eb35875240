"""Artefacts of the SDMX information model, as far as this platform has them; formats write them, queries choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Text = Mapping[str, str]
"""A text by language: "en", "ru", "zh"."""

AGENCY = "IUB"
VERSION = "1.0.0"


class Kind(StrEnum):
    """Kinds of maintainable artefacts, as they are called in the paths of SDMX-REST."""

    AGENCY_SCHEME = "agencyscheme"
    PROVIDER_SCHEME = "dataproviderscheme"
    CATEGORY_SCHEME = "categoryscheme"
    CONCEPT_SCHEME = "conceptscheme"
    CODELIST = "codelist"
    STRUCTURE = "datastructure"
    DATAFLOW = "dataflow"
    CONSTRAINT = "dataconstraint"
    CATEGORISATION = "categorisation"
    AGREEMENT = "provisionagreement"


_URN_CLASSES = {
    Kind.AGENCY_SCHEME: "base.AgencyScheme", Kind.PROVIDER_SCHEME: "base.DataProviderScheme",
    Kind.CATEGORY_SCHEME: "categoryscheme.CategoryScheme", Kind.CONCEPT_SCHEME: "conceptscheme.ConceptScheme",
    Kind.CODELIST: "codelist.Codelist", Kind.STRUCTURE: "datastructure.DataStructure", Kind.DATAFLOW: "datastructure.Dataflow",
    Kind.CONSTRAINT: "registry.DataConstraint", Kind.CATEGORISATION: "categoryscheme.Categorisation",
    Kind.AGREEMENT: "registry.ProvisionAgreement",
}
_ITEM_CLASSES = {
    Kind.AGENCY_SCHEME: "base.Agency", Kind.PROVIDER_SCHEME: "base.DataProvider", Kind.CATEGORY_SCHEME: "categoryscheme.Category",
    Kind.CONCEPT_SCHEME: "conceptscheme.Concept", Kind.CODELIST: "codelist.Code",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Which artefact is meant; `item` is one member of an item scheme."""

    kind: Kind
    id: str
    agency: str = AGENCY
    version: str = VERSION
    item: str = ""

    @property
    def urn(self) -> str:
        """The uniform resource name by SDMX 3.0."""
        name = _ITEM_CLASSES[self.kind] if self.item else _URN_CLASSES[self.kind]
        item = f".{self.item}" if self.item else ""
        return f"urn:sdmx:org.sdmx.infomodel.{name}={self.agency}:{self.id}({self.version}){item}"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note on an artefact for programs and people; `type` says what of."""

    type: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A code, concept, category, agency or data provider. `codelist` is the one that a concept's values are from."""

    id: str
    names: Text
    descriptions: Text = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    codelist: str = ""
    data_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """What all artefacts have: who maintains it, its id and version, names and notes."""

    kind: Kind
    id: str
    names: Text
    descriptions: Text = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    agency: str = AGENCY
    version: str = VERSION

    @property
    def reference(self) -> Reference:
        """The reference to this artefact."""
        return Reference(self.kind, self.id, self.agency, self.version)

    def children(self) -> tuple[Reference, ...]:
        """The artefacts that this one refers to."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScheme(Artefact):
    """A list of codes, concepts, categories, agencies or providers. `is_partial`: only some of its items are shown."""

    items: tuple[Item, ...] = ()
    is_partial: bool = False

    def children(self) -> tuple[Reference, ...]:
        """Code lists of concepts."""
        return tuple(dict.fromkeys(Reference(Kind.CODELIST, item.codelist) for item in self.items if item.codelist))

    def only(self, ids: set[str]) -> ItemScheme:
        """The scheme with these items alone, and marked so."""
        return replace(self, items=tuple(item for item in self.items if item.id in ids), is_partial=True)


class Role(StrEnum):
    """What a component is in a data structure."""

    DIMENSION = "dimension"
    TIME = "time"
    MEASURE = "measure"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Component:
    """A column of data: its values are codes of `codelist`, or of `data_type`. `is_mandatory` concerns attributes."""

    id: str
    role: Role
    codelist: str = ""
    data_type: str = ""
    is_mandatory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStructure(Artefact):
    """A data structure definition; its components in the order of columns."""

    components: tuple[Component, ...]
    concepts: str = "CS_INTERURBAN"

    def children(self) -> tuple[Reference, ...]:
        """The concept scheme and the code lists."""
        lists = dict.fromkeys(Reference(Kind.CODELIST, each.codelist) for each in self.components if each.codelist)
        return (Reference(Kind.CONCEPT_SCHEME, self.concepts), *lists)

    def of(self, *roles: Role) -> tuple[Component, ...]:
        """The components of these roles."""
        return tuple(each for each in self.components if each.role in roles)

    @property
    def dimensions(self) -> tuple[Component, ...]:
        """The dimensions with time as the last."""
        return self.of(Role.DIMENSION, Role.TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataflow(Artefact):
    """A flow of data of one structure."""

    structure: Reference

    def children(self) -> tuple[Reference, ...]:
        """The data structure."""
        return (self.structure,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Artefact):
    """What of a dataflow is there: codes by dimension, first and last time, numbers of observations and series."""

    dataflow: Reference
    codes: Mapping[str, tuple[str, ...]]
    first_period: str | None = None
    last_period: str | None = None
    observations: int | None = None
    series: int | None = None

    def children(self) -> tuple[Reference, ...]:
        """The dataflow."""
        return (self.dataflow,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorisation(Artefact):
    """That a dataflow belongs to a category."""

    source: Reference
    target: Reference

    def children(self) -> tuple[Reference, ...]:
        """The dataflow and the category scheme."""
        return (self.source, replace(self.target, item=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Artefact):
    """That a provider provides data of a dataflow."""

    dataflow: Reference
    provider: Reference

    def children(self) -> tuple[Reference, ...]:
        """The dataflow and the scheme of providers."""
        return (self.dataflow, replace(self.provider, item=""))

"""What a rating is: records made from a definition file, and the reader that checks one."""

from interurban.ratings.definition.faults import Fault, WrongDefinition
from interurban.ratings.definition.methods import Method
from interurban.ratings.definition.parse import changed, parse_definition
from interurban.ratings.definition.records import CityRule, DataRule, Definition, Factor, Group, Level, RatedIndicator

__all__ = [
    "CityRule", "DataRule", "Definition", "Factor", "Fault", "Group", "Level", "Method", "RatedIndicator", "WrongDefinition", "changed",
    "parse_definition",
]

"""The one table of all functions, filters, tests and tags; what is not here does not exist."""

from apps.engine.expression.filters import collections, date, encoding, json, numbers, text
from apps.engine.expression.functions import core, dates, random, world
from apps.engine.expression.predicates import core as predicates
from apps.engine.expression.registry import Spec, table

FILTERS: dict[str, Spec] = table(text.SPECS, collections.SPECS, numbers.SPECS, encoding.SPECS, json.SPECS, date.SPECS)
FUNCTIONS: dict[str, Spec] = table(core.SPECS, dates.SPECS, random.SPECS, world.SPECS)
TESTS: dict[str, Spec] = table(predicates.SPECS)

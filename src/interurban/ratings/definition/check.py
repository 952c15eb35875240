"""What one part of a definition asks of another: the tree hangs together, methods find what they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interurban.ratings.definition.faults import Fault
from interurban.ratings.definition.fields import Faults
from interurban.ratings.definition.records import Definition

# What a normalisation needs to know of every indicator that it is used for.
_NEEDS = {"goalposts": "goalposts", "target": "target", "reference": "reference"}


def check_whole(definition: Definition, faults: Faults) -> None:
    """Add a fault for everything that does not fit together."""
    _check_codes(definition, faults)
    _check_tree(definition, faults)
    if faults:
        return
    for check in (_check_indicators, _check_groups, _check_weights, _check_aggregation, _check_factors):
        check(definition, faults)


def _check_codes(definition: Definition, faults: Faults) -> None:
    seen: set[str] = set()
    for place, code in _named(definition):
        if code in seen:
            faults.append(Fault(place, "named_twice", code, "a code that nothing else has"))
        seen.add(code)


def _named(definition: Definition) -> Iterable[tuple[str, str]]:
    yield from ((f"indicators[{i}].code", each.code) for i, each in enumerate(definition.indicators))
    for i, level in enumerate(definition.levels):
        yield from ((f"levels[{i}].parents.{node}", node) for node in level.parents)


def _check_tree(definition: Definition, faults: Faults) -> None:
    levels = definition.levels
    for i, each in enumerate(definition.indicators):
        if each.parent not in levels[0].parents:
            faults.append(Fault(f"indicators[{i}].parent", "unknown_node", each.parent, ", ".join(levels[0].parents)))
    for i, level in enumerate(levels):
        above = levels[i + 1].parents if i + 1 < len(levels) else None
        for node, parent in level.parents.items():
            if above is None and parent != "":
                faults.append(Fault(f"levels[{i}].parents.{node}", "not_the_top", parent, '"": this is the top level'))
            elif above is not None and parent not in above:
                faults.append(Fault(f"levels[{i}].parents.{node}", "unknown_node", repr(parent), ", ".join(above)))
        for node, children in definition.children(i).items():
            if not children:
                faults.append(Fault(f"levels[{i}].parents.{node}", "no_children", node, "a node that something belongs to"))
    if len(levels[-1].parents) != 1:
        found = ", ".join(levels[-1].parents) or "nothing"
        faults.append(Fault(f"levels[{len(levels) - 1}].parents", "several_tops", found, "one node at the top level"))


def _check_indicators(definition: Definition, faults: Faults) -> None:
    for i, each in enumerate(definition.indicators):
        method = (each.normalise or definition.normalise).name
        needed = _NEEDS.get(method)
        if needed and getattr(each, needed) is None:
            faults.append(Fault(f"indicators[{i}].{needed}", "missing", "nothing", f'a value: "{method}" needs it'))
        if needed == "reference" and each.reference is not None and each.reference <= 0:
            allowed = "a number above 0: values are put in a ratio to it"
            faults.append(Fault(f"indicators[{i}].reference", "not_in_range", f"{each.reference:g}", allowed))
        if each.goalposts and (each.goalposts[0] < each.goalposts[1]) != each.higher_better:
            allowed = "first the value that scores worst, then the one that scores best"
            faults.append(Fault(f"indicators[{i}].goalposts", "against_direction", str(list(each.goalposts)), allowed))
        if each.bounds and each.bounds[0] > each.bounds[1]:
            faults.append(Fault(f"indicators[{i}].bounds", "wrong_order", str(list(each.bounds)), "the smaller number first"))
        if each.confidence not in definition.confidence:
            faults.append(Fault(f"indicators[{i}].confidence", "unknown_class", each.confidence, ", ".join(definition.confidence)))


def _check_groups(definition: Definition, faults: Faults) -> None:
    data = definition.data
    if data.oldest is not None and data.newest is not None and data.oldest > data.newest:
        faults.append(Fault("data.oldest", "wrong_order", str(data.oldest), f"at most the newest year, {data.newest}"))
    for i, group in enumerate(definition.groups):
        if group.limits and list(group.limits) != sorted(set(group.limits)):
            faults.append(Fault(f"groups[{i}].limits", "wrong_order", str(list(group.limits)), "rising numbers"))
        kinds = sum((bool(group.by), bool(group.cities), bool(group.label or group.values)))
        if bool(group.limits) != bool(group.by) or kinds > 1:
            allowed = "by and limits, or cities, or label and values, or none of these (labels of the table)"
            faults.append(Fault(f"groups[{i}]", "unclear_group", group.code, allowed))


def _check_weights(definition: Definition, faults: Faults) -> None:
    for i, level in enumerate(definition.levels):
        below = definition.codes(i)
        for node, positions in definition.children(i).items():
            children = [below[at] for at in positions]
            place = f"levels[{i}].weigh"
            match level.weigh.name:
                case "given":
                    given = [definition.own_weights(i)[at] for at in positions]
                    if not any(given):
                        found = ", ".join(f"{child} = 0" for child in children)
                        faults.append(Fault(f"levels[{i}].parents.{node}", "no_weight", found, "a weight above 0 for one child at least"))
                case "ahp":
                    judged = level.weigh.options["judgements"].get(node)
                    _check_judgements(judged, len(children), f"{place}.judgements.{node}", faults)
                case "budget":
                    _check_points(level.weigh.options["points"].get(node), children, f"{place}.points.{node}", faults)
                case "tuned":
                    _check_children(level.weigh.options["importances"].get(node), children, f"{place}.importances.{node}", faults)


def _check_children(given: dict[str, object] | None, children: Sequence[str], place: str, faults: Faults) -> bool:
    if given is None or set(given) != set(children):
        found = "nothing" if given is None else ", ".join(given)
        faults.append(Fault(place, "not_the_children", found, "a value for each of " + ", ".join(children)))
        return False
    return True


def _check_judgements(matrices: Sequence[Sequence[Sequence[float]]] | None, n: int, place: str, faults: Faults) -> None:
    if matrices is None:
        faults.append(Fault(place, "missing", "nothing", f"a list of matrices of {n} rows, one per expert"))
        return
    if n > 9:
        faults.append(Fault(place, "too_many", str(n), "at most 9 children: beyond, no random index of consistency is published"))
    for i, rows in enumerate(matrices):
        square = len(rows) == n and all(len(row) == n for row in rows)
        # Written decimals such as 0.333 are reciprocal to their digits.
        if not square or any(abs(rows[a][b] * rows[b][a] - 1) > 0.01 for a in range(n) for b in range(n)):
            found = str([list(row) for row in rows])
            faults.append(Fault(f"{place}[{i}]", "not_reciprocal", found, f"{n} rows of {n} with a_ji = 1 / a_ij"))


def _check_points(points: dict[str, Sequence[float]] | None, children: Sequence[str], place: str, faults: Faults) -> None:
    if not _check_children(points, children, place, faults) or points is None:  # type: ignore[arg-type]
        return
    counts = {len(each) for each in points.values()}
    if len(counts) > 1 or any(sum(spread) <= 0 for spread in zip(*points.values(), strict=False)):
        allowed = "as many numbers for each child as there are experts, each spreading some"
        faults.append(Fault(place, "uneven_points", str(sorted(counts)), allowed))


def _check_aggregation(definition: Definition, faults: Faults) -> None:
    for i, level in enumerate(definition.levels):
        options = level.aggregate.options
        sizes = {len(children) for children in definition.children(i).values()}
        place = f"levels[{i}].aggregate"
        if options.get("order_weights") and ({len(options["order_weights"])} != sizes or not any(options["order_weights"])):
            allowed = f"as many weights as children, not all 0; the nodes have {sorted(sizes)}"
            faults.append(Fault(f"{place}.order_weights", "wrong_number", str(len(options["order_weights"])), allowed))
        if options.get("preference", 0.0) < options.get("indifference", 0.0):
            faults.append(Fault(f"{place}.preference", "wrong_order", str(options["preference"]), "at least the indifference"))
        if options.get("low_share", 0.0) * max(sizes) > 1 or options.get("high_share", 1.0) * min(sizes) < 1:
            faults.append(Fault(place, "shares_cannot_be", str(dict(options)), "shares of all children that can sum to 1"))


def _check_factors(definition: Definition, faults: Faults) -> None:
    codes = [factor.code for factor in definition.factors]
    for i, factor in enumerate(definition.factors):
        place = f"factors[{i}]"
        if codes.index(factor.code) != i:
            faults.append(Fault(f"{place}.code", "named_twice", factor.code, "a code that no other factor has"))
        if factor.kind != "weights":
            continue
        for level in factor.options["levels"]:
            if level >= len(definition.levels):
                allowed = f"0 (the indicators) to {len(definition.levels) - 1}"
                faults.append(Fault(f"{place}.levels", "not_in_range", str(level), allowed))
            elif factor.options["how"] == "experts" and definition.levels[level].weigh.name != "budget":
                found = definition.levels[level].weigh.name
                faults.append(Fault(f"{place}.how", "no_experts", found, f"budget allocation at levels[{level}].weigh"))
        known = [code for level in factor.options["levels"] if level < len(definition.levels) for code in definition.codes(level)]
        for node in factor.options["nodes"]:
            if node not in known:
                faults.append(Fault(f"{place}.nodes", "unknown_node", node, ", ".join(known)))

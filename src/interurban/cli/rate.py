"""`interurban rate`: a rating of cities by a definition, from the node's observations or from an archive."""

from __future__ import annotations

import csv as csv_files
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interurban.cli.output import cell, note, progress, say, show_json, show_table
from interurban.errors import DataError, NodeError, UsageError
from interurban.locales import current_language, message, number

if TYPE_CHECKING:
    from interurban.ratings.archive import Verified
    from interurban.ratings.definition import Definition
    from interurban.ratings.result import RatingResult
    from interurban.ratings.runs.uncertainty import Uncertainty

    _Made = tuple[RatingResult, Uncertainty | None, list[dict[str, Any]], Mapping[str, str]]

_RUNS = 2000
_SHOWN_DIFFERENCES = 10


def rate(
    definition: Annotated[str | None, typer.Argument(help=message("cli.rate_definition"), metavar="[RATING]")] = None,
    *,
    from_archive: Annotated[Path | None, typer.Option("--from", help=message("cli.rate_from"), metavar="ARCHIVE")] = None,
    verify: Annotated[bool, typer.Option("--verify", help=message("cli.rate_verify"))] = False,
    runs: Annotated[int, typer.Option(help=message("cli.rate_runs"), min=0, max=100_000)] = _RUNS,
    seed: Annotated[int, typer.Option(help=message("cli.rate_seed"), min=0, max=2**32 - 1)] = 1,
    archive: Annotated[Path | None, typer.Option(help=message("cli.rate_archive"), metavar="FILE")] = None,
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    excel: Annotated[Path | None, typer.Option(help=message("cli.rate_excel"), metavar="FILE")] = None,
    parquet: Annotated[Path | None, typer.Option(help=message("cli.rate_parquet"), metavar="FILE")] = None,
    charts: Annotated[Path | None, typer.Option(help=message("cli.rate_charts"), metavar="FOLDER")] = None,
    record: Annotated[bool, typer.Option("--record", help=message("cli.rate_record"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Rate cities and say how certain the ranks are; make the rating of an archive again."""
    from interurban.indicators.rating_files import read_archive_file, told_faults
    from interurban.ratings.definition import WrongDefinition

    if (definition is None) == (from_archive is None) or (verify and from_archive is None):
        raise UsageError(message("ratings.one_of"))
    if record and from_archive is not None:
        raise UsageError(message("ratings.record_from"))
    try:
        if from_archive is not None and verify:
            return _verify(read_archive_file(from_archive), as_json=as_json)
        found = _from_archive(from_archive, runs, seed) if from_archive else _from_node(str(definition), runs, seed)
        made, runs_made, inputs, names = found
    except DataError as wrong:
        if wrong.fields.get("code") == "too_little_known":
            raise DataError(message("ratings.too_little_known", known=wrong.fields["known"], needed=wrong.fields["needed"])) from wrong
        raise
    except WrongDefinition as wrong:
        lines = told_faults(wrong)
        raise UsageError(message("ratings.wrong_definition", count=len(lines), faults="; ".join(lines))) from wrong
    _write(made, runs_made, inputs, archive, csv)
    _write_tables(made, runs_made, names, excel, parquet)
    if charts is not None:
        _write_charts(made, runs_made, names, charts)
    if record:
        _record(made, runs_made, inputs)
    if as_json:
        show_json(_plain(made, runs_made, inputs))
    else:
        _show(made, runs_made, names, _stand_ins(made.definition, inputs))
    return 0


def _from_node(name_or_path: str, runs: int, seed: int) -> _Made:
    from interurban.indicators.rating_files import read_rating
    from interurban.indicators.rating_table import rating_data
    from interurban.ratings.rate import rate as rate_cities
    from interurban.store.node import open_node

    definition = read_rating(name_or_path)
    with open_node() as node:
        data = rating_data(node, definition)
        names = {city.id: city.name(current_language()) for city in node.catalogue.list_cities()}
    return rate_cities(definition, data.table), _uncertain(definition, data.table, runs, seed), data.inputs(), names


def _from_archive(path: Path, runs: int, seed: int) -> _Made:
    from interurban.indicators.rating_files import read_archive_file
    from interurban.ratings.archive import read_archive
    from interurban.ratings.rate import rate as rate_cities

    read = read_archive_file(path)
    definition, table = read_archive(read)
    inputs = read.get("inputs", [])
    return rate_cities(definition, table), _uncertain(definition, table, runs, seed), inputs if isinstance(inputs, list) else [], {}


def _uncertain(definition: Definition, table: Any, runs: int, seed: int) -> Uncertainty | None:
    from interurban.ratings.runs.uncertainty import uncertainty

    if not runs or not definition.factors:
        return None
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        watch(f"{done}/{runs}")

    with progress(lambda step: message("ratings.running", done=step)) as watch:
        return uncertainty(definition, table, runs, seed, progress=tell)


def _verify(archive: Any, *, as_json: bool) -> int:
    from interurban.ratings.archive import verify

    with progress(lambda step: message("ratings.running", done=step)) as watch:
        watch("")
        found = verify(archive)
    if as_json:
        show_json({"rating": found.result.definition.id, "same": not found.differences, "differences": list(found.differences)})
    else:
        _show_verified(found)
    return 1 if found.differences else 0


def _show_verified(found: Verified) -> None:
    rating, count = found.result.definition.id, len(found.differences)
    if not count:
        say(message("ratings.verified", rating=rating, cities=len(found.result.cities)))
        return
    say(message("ratings.not_verified", rating=rating, count=count))
    rows = [(each.place, each.archived, each.computed) for each in found.differences[:_SHOWN_DIFFERENCES]]
    show_table((), rows, more_columns=tuple(message(f"ratings.column_{name}") for name in ("place", "archived", "computed")))


def _write(result: RatingResult, runs: Uncertainty | None, inputs: list[dict[str, Any]], archive: Path | None, csv: Path | None) -> None:
    if archive is not None:
        import interurban
        from interurban.indicators.rating_files import write_archive
        from interurban.ratings.archive import archive_of

        write_archive(archive_of(result, runs, inputs, interurban.__version__), archive)
        note(message("cli.written", path=archive))
    if csv is not None:
        try:
            with csv.open("w", encoding="utf-8-sig", newline="") as file:
                csv_files.writer(file, lineterminator="\n").writerows(_csv_rows(result, runs))
        except OSError as wrong:
            raise NodeError(message("cli.cannot_write", path=csv)) from wrong
        note(message("cli.written", path=csv))


def _write_tables(
    result: RatingResult, runs: Uncertainty | None, names: Mapping[str, str], excel: Path | None, parquet: Path | None
) -> None:
    if excel is None and parquet is None:
        return
    from interurban.reports.rating_tables import rating_frame, write_excel, write_parquet

    for path, write in ((excel, write_excel), (parquet, write_parquet)):
        if path is not None:
            try:
                write(rating_frame(result, runs, names, current_language()), result.definition, path, current_language())
            except OSError as wrong:
                raise NodeError(message("cli.cannot_write", path=path)) from wrong
            note(message("cli.written", path=path))


def _write_charts(result: RatingResult, runs: Uncertainty | None, names: Mapping[str, str], folder: Path) -> None:
    from interurban.reports.rating_pictures import rating_charts, write_charts

    with progress(lambda step: message("ratings.running", done=step)) as watch:
        watch("")
        drawn = rating_charts(result, runs, names, current_language())
        try:
            write_charts(drawn, folder, current_language())
        except OSError as wrong:
            raise NodeError(message("cli.cannot_write", path=folder)) from wrong
    note(message("cli.written", path=folder))


def _record(result: RatingResult, runs: Uncertainty | None, inputs: list[dict[str, Any]]) -> None:
    from interurban.indicators.rating_record import rating_observations
    from interurban.indicators.rating_table import UsedValue
    from interurban.store.node import open_node

    observations = rating_observations(result, runs, [UsedValue(**each) for each in inputs])
    with open_node() as node:
        new = node.catalogue.add_observations(observations)
    note(message("ratings.recorded", count=len(observations), new=len(new)))


def _csv_rows(result: RatingResult, runs: Uncertainty | None) -> list[list[object]]:
    from interurban.ratings.archive import outcome

    made = outcome(result)
    low, high = _interval(runs) if runs else ([None] * len(made["rows"]),) * 2
    known = made["known_share"]
    groups = [f"rank_in_{group}" for group in made["group_ranks"]]
    rows: list[list[object]] = [["city_id", "rank_low", "rank_high", "rank", "known_share", *made["scores"], *groups]]
    for i, city in enumerate(made["rows"]):
        scores = [values[i] for values in made["scores"].values()]
        rows.append([city, low[i], high[i], made["ranks"][i], known[i], *scores, *(ranks[i] for ranks in made["group_ranks"].values())])
    return rows


def _plain(result: RatingResult, runs: Uncertainty | None, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    import interurban
    from interurban.ratings.archive import archive_of

    whole = archive_of(result, runs, inputs, interurban.__version__)
    return {"rating": result.definition.id, "version": result.definition.version, **whole["result"],
            "uncertainty": whole.get("uncertainty"), "inputs": whole["inputs"], "code_version": whole["code_version"]}


def _show(result: RatingResult, runs: Uncertainty | None, names: Mapping[str, str], stand_ins: Sequence[str]) -> None:
    import numpy as np

    definition, language = result.definition, current_language()
    below = definition.codes(len(definition.levels) - 1)
    scores, ranks, known = result.scores(), result.ranks(), result.known_share()
    low, high = _interval(runs) if runs else (ranks.tolist(), ranks.tolist())
    rated = [names.get(row, row) for row in result.plan.table.row_names()]
    order = sorted(np.flatnonzero(~np.isnan(ranks)).tolist(), key=lambda i: (ranks[i], rated[i]))
    parts = [result.scores(code) for code in below]
    rows = [
        (_range(low[i], high[i]) if runs else None, _whole(ranks[i]), rated[i], _score(scores[i]),
         number(100 * known[i], 0), *(_score(part[i]) for part in parts))
        for i in order
    ]
    titles = [message(f"ratings.column_{name}") for name in ("interval", "rank", "city", "score", "known")]
    title = f"{definition.names.get(language, definition.id)}, {message('ratings.version', version=definition.version)}"
    show_table((), rows, title=title, more_columns=(*titles, *(_node_name(definition, code, language) for code in below)))
    if runs is not None:
        say(message("ratings.interval_means", runs=len(runs.runs.scores)))
        for place, band in enumerate(runs.bands(), 1):
            say(message("ratings.band", place=place, cities=", ".join(names.get(row, row) for row in band)))
    if len(order) < len(rated):
        say(message("ratings.no_score", cities=", ".join(sorted(rated[i] for i in np.flatnonzero(np.isnan(ranks))))))
    if stand_ins:
        say(message("ratings.stands_in", indicators=", ".join(stand_ins)))
    for each in result.left_out():
        say(message("ratings.left_out", city=names.get(each.city, each.city), share=f"{each.known_share:.0%}"))
    if language in definition.notes:
        say(definition.notes[language])


def _stand_ins(definition: Definition, inputs: list[dict[str, Any]]) -> list[str]:
    """Names of the indicators that stand in for others in this table."""
    from interurban.indicators.catalogue import indicators

    used = {each.get("indicator") for each in inputs if isinstance(each, dict)}
    codes = dict.fromkeys(each.fallback for each in definition.indicators if each.fallback in used)
    return [indicators()[code].names[current_language()] if code in indicators() else code for code in codes]


def _interval(runs: Uncertainty) -> tuple[list[float | None], list[float | None]]:
    spread = runs.ranks()
    low, high = ([None if math.isnan(each) else each for each in values.tolist()] for values in (spread.low, spread.high))
    return low, high


def _range(low: float | None, high: float | None) -> str | None:
    if low is None or high is None:
        return None
    return cell(_whole(low)) if low == high else f"{number(low, 0)}–{number(high, 0)}"


def _whole(rank: float) -> int | None:
    return None if math.isnan(rank) else round(rank)


def _score(score: float) -> str | None:
    return None if math.isnan(score) else number(score, 1)


def _node_name(definition: Definition, code: str, language: str) -> str:
    for level in definition.levels:
        if code in level.names:
            return level.names[code].get(language, code)
    return code

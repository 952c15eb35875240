"""Which source a file is of: sources recognise themselves by their columns."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from interurban.collect.tables import TABLES
from interurban.collect.tables.reading import unreadable
from interurban.collect.tables.spec import Layout, TableSource
from interurban.errors import NotFound
from interurban.locales import message


def get_source(kind: str) -> TableSource:
    """The source of this kind; NotFound when there is none."""
    found = next((source for source in TABLES if source.kind == kind), None)
    if found is None:
        kinds = [source.kind for source in TABLES]
        near = ", ".join(get_close_matches(kind, kinds, 3, cutoff=0.4) or kinds)
        raise NotFound(message("tables.no_kind", kind=kind, near=near), kind=kind)
    return found


def recognise(path: Path, kind: str | None = None) -> tuple[TableSource, Layout]:
    """The source and the layout that a file is of.

    Args:
        path: The file, or the folder of those that belong together.
        kind: The source it is of; None: the one whose columns it has.

    Raises:
        NotFound: there is no such file or kind.
        DataError: not_recognised, with the columns that were found; or other_columns when it is not of the kind that was named.
    """
    if not path.exists():
        raise NotFound(message("fetch.file_not_found", file=path), file=str(path))
    sources = [get_source(kind)] if kind else TABLES
    for source in sources:
        for layout in source.layouts:
            if set(layout.needs) <= set(layout.format.columns(path)):
                return source, layout
    found = _seen(path, sources)
    if kind is None:
        raise unreadable("not_recognised", path, found=found)
    wanted = {name for layout in sources[0].layouts[-1:] for name in layout.needs}
    missing = sorted(wanted - set(sources[0].layouts[-1].format.columns(path)))
    raise unreadable("other_columns", path, found=found, allowed=", ".join(missing[:8]))


def _seen(path: Path, sources: Sequence[TableSource]) -> str:
    """The columns that are there as any format sees them; the most that one sees are shown."""
    seen = [list(layout.format.columns(path)) for source in sources for layout in source.layouts]
    return ", ".join(max(seen, key=len)[:8]) or "—"

"""How the catalogue's tables came to be, step by step, and how an older catalogue is brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError
from interurban.locales import message
from interurban.store.locks import file_lock

if TYPE_CHECKING:
    from interurban.store.database import Database


def bring_up_to_date(database: Database, lock: Path | None, *, is_new: bool = True) -> None:
    """Run the migrations that the catalogue still lacks, while nobody else does (`lock` names the lock file; None: nothing may be written).

    Costs one query when there are none. Each run is one transaction: it happens whole or not at all.

    Args:
        database: where the catalogue is, or will be.
        lock: the lock file.
        is_new: whether there may be no catalogue yet. Where a node holds what only a catalogue can name, it is gone, and an empty
            one in its place would have the lake swept of all that it does not name.

    Raises:
        NodeError: the catalogue was made by a newer version of this program, or by an older one where nothing may be written, or
            is gone; `fields` has `revision`.
    """
    from interurban.store.schema import REVISION

    revision = stored_revision(database)
    if revision == REVISION:
        return
    if revision is None and not is_new:
        raise NodeError(message("store.catalogue_gone", place=database.place), revision=None)
    if lock is None:
        raise NodeError(message("store.read_only_catalogue", revision=revision, needed=REVISION), revision=revision)
    with file_lock(lock):
        _migrate(database)


def stored_revision(database: Database) -> str | None:
    """The newest migration that this catalogue has had; None for an empty database."""
    from sqlalchemy import inspect, text

    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _migrate(database: Database) -> None:
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if database.is_sqlite:
        _use_write_ahead_log(database)
    with database.writing() as connection:
        revision = stored_revision(database)
        if revision is not None and revision not in known:
            raise NodeError(message("store.newer_catalogue", revision=revision), revision=revision)
        config.attributes["connection"] = connection
        upgrade(config, "head")


def _use_write_ahead_log(database: Database) -> None:
    # Remembered by the database file, so once is enough; it cannot be set inside a transaction.
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(str(database.engine.url.database), timeout=60)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")

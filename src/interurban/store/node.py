"""A node: the folder in which a city, institute or analyst keeps everything."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import weakref
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from interurban.collect.archive import Archive
from interurban.collect.local import local_path
from interurban.errors import AlreadyExists, NodeError
from interurban.locales import message
from interurban.store.locks import file_lock, try_lock, write_whole
from interurban.store.settings import Settings, read_settings, settings_text

if TYPE_CHECKING:
    from sqlalchemy import URL

    from interurban.store.catalogue import Catalogue
    from interurban.store.observations import ObservationTable

HOME_VARIABLE = "INTERURBAN_HOME"
SETTINGS_FILE = "interurban.toml"
DATABASE_FILE = "interurban.db"
KEY_FILE = "secret.key"
_KEPT = ("archive/[0-9a-f][0-9a-f]/*", "lake/gtfs/*", "lake/days/*")


class Node:
    """An open node; made by `init_node` or `open_node`, closed by `close` or at the end of a `with` block.

    `folder` is where it lies, `settings` its settings, `archive` the publishers' bytes, `catalogue` what is known,
    `lake` the typed tables of feed versions, `days` those of service days, `derived` what can be computed again. Any number of
    processes may have one node open.
    `is_read_only`: the folder cannot be written (a read-only disk, somebody else's folder), so that everything can be read and nothing
    changed.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        # Imported here: the relational library takes most of a second, and `interurban --help` needs none of it.
        from interurban.store.bucket import Bucket
        from interurban.store.day_partitions import DayPartitions
        from interurban.store.derived import Derived
        from interurban.store.lake import Lake
        from interurban.store.lake_folder import LakeFolder

        self.folder = folder
        self.settings = settings
        self.is_read_only = not os.access(folder, os.W_OK)
        self._presence = None if self.is_read_only else _Presence(folder / "locks" / "open.lock")
        self.catalogue = _open_catalogue(folder, settings, is_read_only=self.is_read_only)
        self.archive = Archive(folder / "archive")
        self._lake_folder = LakeFolder(folder / "lake", Bucket(settings.lake_url) if settings.lake_url else None)
        self.lake = Lake(self._lake_folder, self.catalogue)
        self.days = DayPartitions(self._lake_folder, self.catalogue)
        self.derived = Derived(folder / "derived", is_read_only=self.is_read_only)
        self._clean()

    def _clean(self) -> None:
        """Remove what killed processes left behind."""
        if self._presence is None:
            return
        self.archive.remove_leftovers()
        self._lake_folder.remove_leftovers()
        if self._presence.is_alone:
            self.lake.remove_unregistered()
            self.days.remove_unregistered(older_than_s=0)
            if self._lake_folder.is_sweep_due():
                with suppress(NodeError):  # a bucket that is away for now keeps nobody from the node
                    self.lake.sweep_bucket()
                    self.days.sweep_bucket()
            self._presence.let_others_in()

    def observations(
        self,
        city: str | None = None,
        indicator: str | None = None,
        mode: str | None = None,
        *,
        history: bool = False,
        as_of: dt.datetime | None = None,
    ) -> ObservationTable:
        """Observations of a city, indicator and mode (None: of all); `.to_arrow()` and `.to_pandas()` give tables.

        Each question has one answer of each source, the newest; with `history` every one ever recorded; `as_of` as it was at a moment
        (with a time zone). See `Catalogue.list_observations`.
        """
        return self.catalogue.list_observations(city, indicator, mode, history=history, as_of=as_of)

    def source_lock(self, source_id: int, wait_s: float = 600) -> AbstractContextManager[None]:
        """Hold a source while it is collected, so that no other process collects it; NodeError when it stays held."""
        return file_lock(self.folder / "locks" / f"source-{source_id}.lock", wait_s=wait_s)

    def close(self) -> None:
        """Close the database and leave the node to others."""
        self.catalogue.close()
        if self._presence is not None:
            self._presence.leave()

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def init_node(path: Path | str | None = None, settings: Settings | None = None) -> Node:
    """Make a node and open it; one that is there is opened as it is.

    Args:
        path: the folder, by default what INTERURBAN_HOME names, else the working folder.
        settings: what to write into `interurban.toml`; by default the defaults.

    Raises:
        AlreadyExists: the node is there with other settings than those asked for.
        NodeError: the folder cannot be made, or what is there cannot be opened.
    """
    folder = node_folder(path)
    try:
        (folder / "locks").mkdir(parents=True, exist_ok=True)
        with file_lock(folder / "locks" / "init.lock"):
            if not (folder / SETTINGS_FILE).exists():
                write_whole(folder / SETTINGS_FILE, settings_text(settings or Settings()).encode())
    except OSError as error:
        raise NodeError(message("store.cannot_write", path=str(folder), reason=str(error))) from error
    node = open_node(folder)
    if settings is not None and node.settings != settings:
        node.close()
        raise AlreadyExists(message("store.other_settings", path=str(folder / SETTINGS_FILE)), path=str(folder))
    return node


def open_node(path: Path | str | None = None) -> Node:
    """Open a node, bringing its catalogue up to date first; on a read-only disk, open it for reading.

    Args:
        path: the folder, by default what INTERURBAN_HOME names, else the working folder.

    Raises:
        NodeError: there is no node, its settings are wrong, its database cannot be used, or a newer version of this
            program made it.
    """
    folder = node_folder(path)
    if not (folder / SETTINGS_FILE).is_file():
        raise NodeError(message("store.no_node", path=str(folder)), path=str(folder))
    try:
        if os.access(folder, os.W_OK):
            (folder / "locks").mkdir(exist_ok=True)
        return Node(folder, read_settings(folder / SETTINGS_FILE))
    except OSError as error:
        raise NodeError(message("store.cannot_write", path=str(folder), reason=str(error))) from error


def settings_in_sight(path: Path | str | None = None) -> Settings:
    """Settings of the node that `open_node` would open; the defaults where there is none."""
    file = node_folder(path) / SETTINGS_FILE
    return read_settings(file) if file.is_file() else Settings()


def node_folder(path: Path | str | None = None) -> Path:
    """The folder that is meant: `path`, else what INTERURBAN_HOME names, else the working folder.

    Raises:
        NodeError: its name is no text; neither the catalogue nor DuckDB can name files in it.
    """
    folder = local_path(path or os.environ.get(HOME_VARIABLE) or ".")
    if str(folder).encode(errors="ignore") != os.fsencode(folder):
        raise NodeError(message("store.folder_not_text", path=ascii(str(folder))))
    return folder


def _open_catalogue(folder: Path, settings: Settings, *, is_read_only: bool) -> Catalogue:
    from interurban.store.catalogue import Catalogue
    from interurban.store.database import Database
    from interurban.store.migrations import bring_up_to_date
    from interurban.store.secrets import Secrets

    # Asked before the database is: a process that begins the node with us keeps nothing before its catalogue is there.
    is_new = not any(any(folder.glob(kept)) for kept in _KEPT)
    database = Database(settings.database_url or _database_in(folder, is_read_only=is_read_only))
    bring_up_to_date(database, None if is_read_only else folder / "locks" / "migrate.lock", is_new=is_new)
    return Catalogue(database, Secrets(folder / KEY_FILE))


def _database_in(folder: Path, *, is_read_only: bool) -> URL:
    """SQLite's file in the folder.

    Where the folder cannot be written SQLite cannot make the files it shares with other processes: it must be told that nobody writes,
    unless a writer that can has them open.
    """
    from sqlalchemy import URL

    path = folder / DATABASE_FILE
    if not is_read_only:
        return URL.create("sqlite", database=str(path))
    is_being_written = path.with_name(f"{DATABASE_FILE}-wal").exists()
    how = {"mode": "ro"} if is_being_written else {"immutable": "1"}
    return URL.create("sqlite", database=path.as_uri(), query={**how, "uri": "true"})


class _Presence:
    """Says to other processes that this one has the node open, until it leaves or ends."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.leave = weakref.finalize(self, os.close, self._descriptor)
        self.is_alone = try_lock(self._descriptor)
        if not self.is_alone:
            self.let_others_in()

    def let_others_in(self) -> None:
        """Share the node; waits while another process, being alone, cleans up."""
        self.is_alone = False
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from interurban.errors import NodeError
from interurban.store import migrations
from interurban.store.migrations import bring_up_to_date, stored_revision
from interurban.store.node import Node, open_node
from interurban.store.schema import REVISION, metadata


def test_migrations_lead_to_the_tables_that_the_code_uses(node: Node):
    with node.catalogue.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert stored_revision(node.catalogue.database) == REVISION


def test_a_catalogue_of_a_newer_version_is_refused(node: Node):
    with node.catalogue.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    with pytest.raises(NodeError) as caught:
        open_node(node.folder)
    assert caught.value.fields == {"revision": "v9999"}


def test_a_catalogue_of_the_first_version_keeps_what_it_has(node: Node, tmp_path: Path):
    database = node.catalogue.database
    with database.writing() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade_to(connection, "v0001")
        connection.execute(text("INSERT INTO city (id, name_en, country, timezone) VALUES ('oldport', 'Oldport', 'GB', 'Europe/London')"))
        connection.execute(text("INSERT INTO source (city_id, kind, location) VALUES ('oldport', 'gtfs', 'https://example.org/f.zip')"))
    bring_up_to_date(database, tmp_path / "lock")
    assert stored_revision(database) == REVISION
    (source,) = node.catalogue.list_sources("oldport")
    assert (source.kind, source.location, source.schedule_source_id) == ("gtfs", "https://example.org/f.zip", None)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    upgrade(config, revision)


def test_a_migration_that_fails_leaves_the_database_as_it_was(node: Node, tmp_path):
    database = node.catalogue.database
    with database.writing() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(text("CREATE TABLE snapshot (x INTEGER)"))  # in the way of the first migration's fifth table
    with pytest.raises(NodeError):
        bring_up_to_date(database, tmp_path / "lock")
    assert stored_revision(database) is None
    with database.writing() as connection:
        connection.execute(text("DROP TABLE snapshot"))
    bring_up_to_date(database, tmp_path / "lock")
    assert stored_revision(database) == REVISION


def test_an_up_to_date_node_opens_without_alembic(node: Node):
    import subprocess
    import sys

    program = (
        "import sys; from interurban.store.node import open_node; open_node(sys.argv[1]).close();"
        "heavy = ('alembic', 'sqlalchemy.orm', 'pandas', 'pyarrow', 'cryptography');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(node.folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from interurban.errors import NodeError
from interurban.model import AnswerQuery, CityFigure, Figure, Observation
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


def test_a_catalogue_before_the_statistics_gets_answers_and_keeps_its_observations(node: Node, tmp_path: Path):
    """Made by the old migrations, filled as the old program filled it: a feed, a later one, a revision, a newer definition, figures."""
    database = node.catalogue.database
    day, moment = dt.date(2024, 5, 7), dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    trips = Observation(
        "oldport", "pt_departures_weekday", 1, "departures", 100.0, "A", "0.1.0", reference_date=day, inputs={"feed_version:1": "a" * 64},
        feed_version_ids=(1,),
    )
    later_feed = dataclasses.replace(trips, value=110.0, inputs={"feed_version:2": "b" * 64}, feed_version_ids=(2,))
    newer = dataclasses.replace(trips, definition_version=2, value=90.0, inputs={})
    run = dataclasses.replace(trips, indicator="pt_on_time_share", reference_date=None, period_start=day, period_end=day, coverage=0.7)
    old = [(later_feed, 0, 0), (trips, 0, 1), (trips, 1, 2), (newer, 0, 3), (run, 0, 3)]
    with database.writing() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade_to(connection, "v0002")
        connection.execute(text("INSERT INTO city (id, name_en, country, timezone) VALUES ('oldport', 'Oldport', 'GB', 'Europe/London')"))
        connection.execute(text("INSERT INTO city_figure VALUES ('oldport', 'population', 2020, 'census', 5000)"))
        connection.execute(text("INSERT INTO city_figure VALUES ('oldport', 'area_km2', 2020, 'survey', 10)"))
        for number, letter in ((1, "a"), (2, "b")):
            add_feed_version(connection, number, letter * 64, moment + dt.timedelta(days=number))
        for observation, revision, hours in old:
            add_old_observation(connection, observation, revision, moment + dt.timedelta(hours=hours))
    bring_up_to_date(database, tmp_path / "lock")
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert node.catalogue.check_answers() == []
    # Old ids, and the observations as they were, but for what they now say of their origin.
    kept = node.observations("oldport", "pt_departures_weekday", history=True)
    identities = [o.identity() for o in (later_feed, trips, trips, newer)]
    assert [r.id for r in kept] == [*identities[:2], f"{identities[1]}-1", identities[3]]
    assert [r.observation for r in kept] == [later_feed, trips, dataclasses.replace(trips, value=101.0), newer]
    # The later feed was recorded first and stays the answer until a newer definition comes.
    query = AnswerQuery(indicators=("pt_departures_weekday",), include_history=True, columns=("value", "since", "until"))
    rows = [tuple(row.values()) for batch in node.catalogue.stream_answers(query) for row in batch.to_pylist()]
    assert rows == [(110.0, moment, moment + dt.timedelta(hours=3)), (90.0, moment + dt.timedelta(hours=3), None)]
    assert node.catalogue.list_city_figures("oldport") == [
        CityFigure("oldport", Figure.AREA_KM2, 2020, 10, "survey"), CityFigure("oldport", Figure.POPULATION, 2020, 5000, "census"),
    ]
    # And it goes on as a new catalogue does.
    assert node.catalogue.add_observations([run, newer]) == []
    node.catalogue.add_city_figure(CityFigure("oldport", Figure.POPULATION, 2021, 6000, "census"))
    assert node.catalogue.check_answers() == []


def test_accounts_of_a_catalogue_before_the_providers_can_be_linked(node: Node, tmp_path: Path):
    database = node.catalogue.database
    with database.writing() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade_to(connection, "v0003")
        at = "2026-01-01 00:00:00+00:00"
        connection.execute(text(f"INSERT INTO account (name, role, epoch, created_at) VALUES ('anna', 'reviewer', 3, '{at}')"))
    bring_up_to_date(database, tmp_path / "lock")
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    anna = node.catalogue.get_account("anna")
    assert anna.epoch == 3 and node.catalogue.list_links() == {}
    node.catalogue.link_account("anna", "https://login.example", subject="A-1")
    assert node.catalogue.find_linked("https://login.example", "A-1").id == anna.id


def add_feed_version(connection: Connection, number: int, sha256: str, moment: dt.datetime) -> None:
    at = moment.isoformat(sep=" ")
    if number == 1:
        connection.execute(text("INSERT INTO source (city_id, kind, location) VALUES ('oldport', 'gtfs', 'https://example.org/f.zip')"))
    connection.execute(text(
        f"INSERT INTO snapshot (source_id, sha256, content_hash, bytes, fetched_at) VALUES (1, '{sha256}', '{sha256}', 10, '{at}')"
    ))
    connection.execute(text(
        "INSERT INTO feed_version (source_id, content_hash, snapshot_id, created_at, status, counts)"
        f" VALUES (1, '{sha256}', {number}, '{at}', 'ready', '{{}}')"
    ))


def add_old_observation(connection: Connection, o: Observation, revision: int, moment: dt.datetime) -> None:
    """As the program did before there were sources and answers; a revision has one more."""
    names = ("city_id", "indicator", "definition_version", "mode", "period_start", "period_end", "reference_date", "unit", "n", "coverage",
             "status", "code_version")
    identity = o.identity()
    row = {name: getattr(o, name) for name in names} | {
        "id": f"{identity}-{revision}" if revision else identity, "identity": identity, "revision": revision,
        "value": o.value + revision if o.value is not None else None, "recorded_at": moment.isoformat(sep=" "),
        "parameters": json.dumps(dict(o.parameters)), "inputs": json.dumps(dict(o.inputs)),
        "feed_version_ids": json.dumps(o.feed_version_ids),
    }
    row |= {name: day.isoformat() for name in ("period_start", "period_end", "reference_date") if (day := getattr(o, name))}
    columns = ", ".join(row)
    connection.execute(text(f"INSERT INTO observation ({columns}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


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

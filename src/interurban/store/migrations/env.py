"""Where Alembic is told which database to work on: the open transaction that `bring_up_to_date` hands over."""

from __future__ import annotations

from alembic import context

from interurban.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

"""Inserting many rows in one statement, whatever their number."""

from collections.abc import Iterable
from typing import Any

from django.db import connections, models, router
from django.db.models.constants import OnConflict


def insert_new(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert the rows, but none that a unique constraint knows already.

    One statement run for all of them: `bulk_create` sends as many statements as the database's
    limit of parameters asks for. Keys are not read back.
    """
    connection = connections[router.db_for_write(model)]
    counted = model._meta.auto_field
    fields: list[Any] = [field for field in model._meta.concrete_fields if field is not counted]
    values = [[_stored(field, row, connection) for field in fields] for row in rows]
    if values:
        ops, name = connection.ops, connection.ops.quote_name
        columns = ", ".join(name(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        ending = ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, [], [])
        with connection.cursor() as cursor:
            cursor.executemany(
                f"{ops.insert_statement(on_conflict=OnConflict.IGNORE)} "
                f"{name(model._meta.db_table)} ({columns}) VALUES ({marks}) {ending}",
                values,
            )


def _stored(field: Any, row: models.Model, connection: Any) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)

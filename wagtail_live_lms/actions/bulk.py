"""Changing many rows in one statement, whatever their number."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connections, models, router


def update_rows(
    model: type[models.Model], rows: Iterable[models.Model], fields: Sequence[str]
) -> None:
    """Store these fields of the rows, found by their keys.

    One statement run for all of them: `bulk_update` sends as many statements as the database's
    limit of parameters asks for. The caller has locked what it changes.
    """
    connection = connections[router.db_for_write(model)]
    name, key = connection.ops.quote_name, cast(Any, model._meta.pk)
    stored: list[Any] = [model._meta.get_field(field) for field in fields]
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in stored]
        + [key.get_db_prep_value(row.pk, connection)]
        for row in rows
    ]
    if values:
        marks = ", ".join(f"{name(field.column)} = %s" for field in stored)
        where = f"{name(key.column)} = %s"
        statement = " ".join(("UPDATE", name(model._meta.db_table), "SET", marks, "WHERE", where))
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)

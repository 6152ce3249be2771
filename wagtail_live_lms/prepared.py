"""Queries compiled once: the ORM takes longer to write the SQL than a database to run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators

try:
    from django.db.models.fetch_modes import FETCH_ONE
except ImportError:  # Django before 6.1
    FETCHING: tuple[Any, ...] = ()
else:
    FETCHING = (FETCH_ONE,)

Row = TypeVar("Row", bound=models.Model)


class Slot(Expression):
    """A place in a prepared query that each run fills; `field` knows how its value is stored."""

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def get_group_by_cols(self) -> list[Any]:
        """None: like any other value, it is the same for every row."""
        return []

    def stored(self, value: Any, connection: Any) -> Any:
        """The value as a parameter of the statement."""
        return self.output_field.get_db_prep_value(value, connection)


def slots(model: type[models.Model], *names: str) -> dict[str, Slot]:
    """A filter by these fields of the model, each to be filled under its name."""
    fields = {
        name: model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names
    }
    return {name: Slot(name, field) for name, field in fields.items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """What compiling a query gives: its statement, and how to make instances of its rows."""

    sql: str
    params: tuple[Any, ...]
    select: Any
    klass_info: Any
    converted: tuple[int, ...]
    """Columns whose values are not yet what Python has."""


class Query(Generic[Row]):
    """A query of one model, compiled at its first use on each database.

    `make()` returns the queryset, with slots for what differs from run to run. It is run where
    the model is written, so what it reads is never behind.
    """

    def __init__(self, model: type[Row], make: Callable[[], models.QuerySet[Row, Any]]) -> None:
        self._model, self._make = model, make
        self._plans: dict[str, Plan] = {}

    def _run(self, **values: Any) -> tuple[Plan, str, list[list[Any]]]:
        """The plan, the database it was run on, and the rows as Python has their values."""
        using = router.db_for_write(self._model)
        plan = self._plans.get(using) or self._compile(using)
        connection = connections[using]
        params = [
            param.stored(values[param.name], connection) if isinstance(param, Slot) else param
            for param in plan.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, params)
            rows = cursor.fetchall()
        return plan, using, [_converted(plan, connection, row) for row in rows]

    def _compile(self, using: str) -> Plan:
        compiler = self._make().using(using).query.get_compiler(using)
        sql, params = compiler.as_sql()
        columns = [expression for expression, _sql, _alias in compiler.select]
        converted = [
            i for i, column in enumerate(columns) if _converters(column, connections[using])
        ]
        plan = Plan(sql, tuple(params), compiler.select, compiler.klass_info, tuple(converted))
        self._plans[using] = plan
        return plan


class PreparedValues(Query[Row]):
    """A prepared `values_list`."""

    def all(self, **values: Any) -> list[list[Any]]:
        """All rows."""
        return self._run(**values)[2]


class Prepared(Query[Row]):
    """A prepared query for instances of the model."""

    def get(self, **values: Any) -> Row:
        """The row there must be. Raises the model's DoesNotExist."""
        found = self.first(**values)
        if found is None:
            raise self._model.DoesNotExist  # type: ignore[attr-defined]
        return found

    def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.all(**values)), None)

    def all(self, **values: Any) -> list[Row]:
        """All rows."""
        plan, using, rows = self._run(**values)
        return [self._instance(plan, using, row) for row in rows]

    def _instance(self, plan: Plan, using: str, values: list[Any]) -> Row:
        own = plan.klass_info["select_fields"]
        names = [plan.select[index][0].target.attname for index in own]
        found = self._model.from_db(using, names, values[own[0] : own[-1] + 1])
        for populator in get_related_populators(plan.klass_info, plan.select, using, *FETCHING):
            populator.populate(values, found)
        return found


def _converted(plan: Plan, connection: Any, row: Any) -> list[Any]:
    values = list(row)
    for index in plan.converted:
        column = plan.select[index][0]
        for convert in _converters(column, connection):
            values[index] = convert(values[index], column, connection)
    return values


def _converters(column: Any, connection: Any) -> list[Any]:
    return [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]

"""A declarative base, and a column type for points in time."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names for every constraint, the same on each backend, so that a migration can refer to them."""


class Base(AsyncAttrs, DeclarativeBase):
    """A base for models: named constraints, and ``await obj.awaitable_attrs.name`` for a late load.

    One base per application: models of one base share a ``MetaData`` and find one another by name.

    Documentation: https://docs.sqlalchemy.org/en/21/core/constraints.html#configuring-constraint-naming-conventions
    and https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time that comes back aware, in UTC, from PostgreSQL and from SQLite.

    ``DateTime(timezone=True)`` alone is not enough: SQLite drops the zone without a word.

    Raises:
        ValueError: a naive ``datetime`` was given. Which instant it means nobody can know.

    Documentation: https://docs.sqlalchemy.org/en/21/core/custom_types.html
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an aware time into UTC on its way to the database."""
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError(
                f"{value!r} has no time zone, so the instant it means is unknown. "
                "Give an aware datetime, such as datetime.now(UTC)."
            )
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

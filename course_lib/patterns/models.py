"""A declarative base, two kinds of key, and a column type for points in time."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, QueryableAttribute, mapped_column
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


BigKey = Annotated[int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)]
"""A number that the database gives at INSERT: ``id: Mapped[BigKey]``.

Small and in order. BIGINT on PostgreSQL, so that it does not run out at two thousand million; on SQLite
INTEGER, the only type it counts up by itself (and large enough). SQLite has no way to return many such
keys at once, so there ``add_all`` sends one INSERT per object; ``insert_rows`` does not ask for them back.

Documentation: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#auto-incrementing-behavior
"""

UuidKey = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
"""A random key that the client makes, so that rows can refer to one another before they are sent.

``id: Mapped[UuidKey]``. ``add_all`` then sends few statements on both backends. SQLAlchemy sets the key at
the flush: where you need it earlier, give one (``User(id=uuid.uuid4())``). Random keys scatter over the
index; where inserts into a large table matter, measure against ``BigKey``.

Documentation: https://docs.sqlalchemy.org/en/21/core/type_basics.html#sqlalchemy.types.Uuid
"""


def key_attributes(model: type[Any]) -> list[QueryableAttribute[Any]]:
    """Give the attributes of a mapped class that make up its primary key, whatever they are called.

    One for most models, several for a composite key, in the order of ``session.get(Model, (a, b))``.

    Raises:
        sqlalchemy.exc.NoInspectionAvailable: the class is not mapped.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/mapping_api.html#sqlalchemy.orm.Mapper.primary_key
    """
    mapper = inspect(model)
    return [getattr(model, mapper.get_property_by_column(column).key) for column in mapper.primary_key]


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

"""Breaks: instant.

The zone is replaced instead of being turned into UTC.
"""

from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from course_lib.patterns import UuidKey


class Instant(TypeDecorator):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive time")
        return value and value.replace(tzinfo=UTC)

    def process_result_value(self, value, dialect):
        return value and value.replace(tzinfo=UTC)


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(Instant, default=clock)

    return Order

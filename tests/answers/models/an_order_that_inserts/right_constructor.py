"""The constructor asks the clock and refuses naive times; every time is turned into UTC."""

from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from course_lib.patterns import UuidKey


class Marked(TypeDecorator):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        return value and value.replace(tzinfo=UTC)


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(Marked)

    def made(self, **values):
        values.setdefault("placed_at", None)
        values["placed_at"] = values["placed_at"] or clock()
        if values["placed_at"].utcoffset() is None:
            raise ValueError("a naive time")
        plain(self, **values)

    plain = Order.__init__
    Order.__init__ = made
    return Order

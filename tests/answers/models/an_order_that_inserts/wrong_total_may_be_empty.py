"""Breaks: required.

A total may be empty.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime, UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int | None]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock)

    return Order

"""Breaks: required.

`nullable=True` speaks against the annotation, and wins.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime, UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int] = mapped_column(nullable=True)
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock)

    return Order

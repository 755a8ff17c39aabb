"""Breaks: instant.

As in the common recipe, the column knows no zone.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(default=clock)

    return Order

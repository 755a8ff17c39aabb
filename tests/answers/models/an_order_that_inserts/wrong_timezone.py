"""Breaks: instant.

`timezone=True` helps on one backend.
"""

from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock)

    return Order

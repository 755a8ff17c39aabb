"""Breaks: clock.

The database's clock is asked.
"""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime, UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())

    return Order

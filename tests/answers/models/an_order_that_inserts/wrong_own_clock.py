"""Breaks: clock.

Another clock is asked.
"""

from datetime import UTC, datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime, UuidKey


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: datetime.now(UTC))

    return Order

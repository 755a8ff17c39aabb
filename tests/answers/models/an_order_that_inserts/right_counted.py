"""A counted key, and the time set by a function."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import BigKey, UtcDateTime


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[BigKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: clock())

    return Order

"""Breaks: table.

The model has a base of its own.
"""

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import UtcDateTime, UuidKey


def order_model(base, clock):
    class Base(DeclarativeBase):
        pass

    class Order(Base):
        __tablename__ = "web_orders"
        id: Mapped[UuidKey]
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock)

    return Order

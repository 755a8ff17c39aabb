"""An event asks the clock; the key is a UUID that is text everywhere."""

import uuid
from datetime import datetime

from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid.uuid4()))
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @event.listens_for(Order, "before_insert")
    def ask(mapper, connection, order):
        if order.placed_at is None:
            order.placed_at = clock()

    return Order

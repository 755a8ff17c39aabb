"""Breaks: key.

The key is made once, with the class.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UtcDateTime


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4())
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock)

    return Order

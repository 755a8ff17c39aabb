"""Breaks: given-id.

Every voucher gets a new id, also one that has one.
"""

import uuid

from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
        cents: Mapped[int]
        note: Mapped[str | None]

    @event.listens_for(Voucher, "before_insert")
    def give_id(mapper, connection, voucher):
        voucher.id = uuid.uuid4()

    return Voucher

"""Breaks: one-insert.

A SQL expression as the note: such rows cannot be sent together.
"""

import uuid

from sqlalchemy import event, func
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
        cents: Mapped[int]
        note: Mapped[str | None]

    @event.listens_for(Voucher, "before_insert")
    def upper(mapper, connection, voucher):
        voucher.note = func.coalesce(voucher.note, None)

    return Voucher

"""Breaks: ids.

As in the common recipe's order, nobody makes the key.
"""

import uuid

from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

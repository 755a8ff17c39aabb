"""Breaks: ids.

The function is called, once for all vouchers.
"""

import uuid

from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4())
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

"""Breaks: cents.

The cents may be empty.
"""

import uuid

from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
        cents: Mapped[int | None]
        note: Mapped[str | None]

    return Voucher

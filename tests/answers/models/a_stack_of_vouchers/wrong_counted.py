"""Breaks: ids.

The database counts: a number is no UUID.
"""

from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[int] = mapped_column(primary_key=True)
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

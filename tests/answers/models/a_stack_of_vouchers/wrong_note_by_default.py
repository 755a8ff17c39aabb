"""Breaks: note.

A default writes a note where there is none.
"""

from sqlalchemy.orm import Mapped, mapped_column

from course_lib.patterns import UuidKey


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[UuidKey]
        cents: Mapped[int]
        note: Mapped[str] = mapped_column(default="")

    return Voucher

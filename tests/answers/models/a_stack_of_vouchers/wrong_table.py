"""Breaks: table.

The table has another name.
"""

from sqlalchemy.orm import Mapped

from course_lib.patterns import UuidKey


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "voucher"
        id: Mapped[UuidKey]
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

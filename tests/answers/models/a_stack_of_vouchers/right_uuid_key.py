"""The key of the patterns."""

from sqlalchemy.orm import Mapped

from course_lib.patterns import UuidKey


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[UuidKey]
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

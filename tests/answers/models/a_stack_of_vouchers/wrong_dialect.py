"""Breaks: given-id.

The dialect's type, as in the common recipe: SQLite takes digits for a number.
"""

import uuid

from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(
            postgresql.UUID(as_uuid=True), primary_key=True, default=uuid.uuid4
        )
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

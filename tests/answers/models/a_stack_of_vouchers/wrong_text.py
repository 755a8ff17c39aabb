"""Breaks: ids.

The id is a text.
"""

import uuid

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid.uuid4()))
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

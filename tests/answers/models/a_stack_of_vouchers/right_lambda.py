"""A function of its own makes the key, in a column that is text on every backend."""

import uuid

from sqlalchemy import Uuid
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(
            Uuid(native_uuid=False), primary_key=True, default=lambda: uuid.uuid4()
        )
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

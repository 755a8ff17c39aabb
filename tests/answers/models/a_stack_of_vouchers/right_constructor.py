"""The id is there from the start."""

import uuid

from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
        cents: Mapped[int]
        note: Mapped[str | None]

        def __init__(self, **values):
            super().__init__(**{"id": uuid.uuid4(), **values})

    return Voucher

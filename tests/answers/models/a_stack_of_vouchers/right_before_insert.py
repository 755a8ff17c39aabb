"""An event gives an id to those that have none."""

import uuid

from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
        cents: Mapped[int]
        note: Mapped[str | None]

    @event.listens_for(Voucher, "before_insert")
    def give_id(mapper, connection, voucher):
        voucher.id = voucher.id or uuid.uuid4()

    return Voucher

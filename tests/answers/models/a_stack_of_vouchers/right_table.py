"""A table, and a class for it."""

import uuid

from sqlalchemy import Column, Integer, Table, Text, Uuid


def voucher_model(base):
    class Voucher(base):
        __table__ = Table(
            "vouchers",
            base.metadata,
            Column("id", Uuid, primary_key=True, default=uuid.uuid4),
            Column("cents", Integer, nullable=False),
            Column("note", Text),
        )

    return Voucher

"""Breaks: one-insert.

The database draws the UUID.
"""

import uuid

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement


class drawn(FunctionElement):
    inherit_cache = True


@compiles(drawn, "postgresql")
def on_postgresql(element, compiler, **keywords):
    return "gen_random_uuid()"


@compiles(drawn, "sqlite")
def on_sqlite(element, compiler, **keywords):
    return "(lower(hex(randomblob(16))))"


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=drawn())
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher

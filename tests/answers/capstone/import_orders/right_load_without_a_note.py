"""Right: `load`, without a note, as the orders know whether they are there."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import load, upsert_rows


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(String(100))


class Purchase(Base):
    __tablename__ = "purchases"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    ordered_on: Mapped[date]
    cds: Mapped[int]
    cents: Mapped[int]


DIALECTS = {"postgresql": postgresql, "sqlite": sqlite}


DIALECTS = {"postgresql": postgresql, "sqlite": sqlite}


async def import_orders(engine, orders):
    new = 0

    async def write(connection, chunk):
        nonlocal new
        await upsert_rows(
            connection, Customer, ({"id": order["customer_id"]} for order in chunk), key=["id"], update=()
        )
        insert = DIALECTS[connection.dialect.name].insert(Purchase).on_conflict_do_nothing()
        new += len((await connection.scalars(insert.returning(Purchase.code), chunk)).all())

    await load(engine, orders, write, job=None, size=500)
    return new

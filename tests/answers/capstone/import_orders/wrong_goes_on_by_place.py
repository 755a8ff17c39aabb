"""Breaks: stored.

It passes over as many orders as there are in the table.
"""

from datetime import date

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import in_chunks


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


async def import_orders(engine, orders):
    stored = 0
    insert = DIALECTS[engine.dialect.name].insert
    new_customers = insert(Customer).on_conflict_do_nothing()
    new_orders = insert(Purchase).on_conflict_do_nothing().returning(Purchase.code)
    async with engine.connect() as connection:
        there = await connection.scalar(select(func.count()).where(Purchase.code.like("cdnow%")))
    seen = 0
    async for chunk in in_chunks(orders, 1000):
        chunk, seen = chunk[max(0, there - seen) :], seen + len(chunk)
        if not chunk:
            continue
        customers = [{"id": key} for key in sorted({order["customer_id"] for order in chunk})]
        async with engine.begin() as connection:
            await connection.execute(new_customers, customers)
            stored += len((await connection.execute(new_orders, chunk)).all())
    return stored

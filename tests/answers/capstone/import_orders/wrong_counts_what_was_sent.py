"""Breaks: number.

What was passed over because it was there is counted as well.
"""

from datetime import date

from sqlalchemy import ForeignKey, String
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
    async for chunk in in_chunks(orders, 1000):
        customers = [{"id": key} for key in sorted({order["customer_id"] for order in chunk})]
        async with engine.begin() as connection:
            await connection.execute(new_customers, customers)
            await connection.execute(new_orders, chunk)
            stored += len({order["code"] for order in chunk})
    return stored

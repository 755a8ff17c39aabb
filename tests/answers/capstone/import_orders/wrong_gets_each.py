"""Breaks: budget.

The session is asked for each customer and each order, and adds what it does not find.
"""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import in_chunks


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(100))


class Purchase(Base):
    __tablename__ = "purchases"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    ordered_on: Mapped[date]
    cds: Mapped[int]
    cents: Mapped[int]


async def import_orders(engine, orders):
    new = 0
    sessions = async_sessionmaker(engine)
    async for chunk in in_chunks(orders, 1000):
        async with sessions.begin() as session:
            for order in chunk:
                if not await session.get(Customer, order["customer_id"]):
                    session.add(Customer(id=order["customer_id"]))
                if not await session.get(Purchase, order["code"]):
                    session.add(Purchase(**order))
                    new += 1
    return new

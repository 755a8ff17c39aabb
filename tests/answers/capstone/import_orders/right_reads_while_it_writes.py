"""Right: a queue between the source and the writer, never more than a few chunks ahead."""

import asyncio
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


DIALECTS = {"postgresql": postgresql, "sqlite": sqlite}


async def import_orders(engine, orders):
    insert = DIALECTS[engine.dialect.name].insert
    chunks = asyncio.Queue(maxsize=1)
    stored = 0

    async def write():
        nonlocal stored
        while (chunk := await chunks.get()) is not None:
            async with engine.begin() as connection:
                keys = sorted({order["customer_id"] for order in chunk})
                customers = insert(Customer).on_conflict_do_nothing()
                await connection.execute(customers, [{"id": key} for key in keys])
                new = insert(Purchase).on_conflict_do_nothing().returning(Purchase.code)
                stored += len((await connection.execute(new, chunk)).all())

    writing = asyncio.create_task(write())
    try:
        async for chunk in in_chunks(orders, 300):
            await chunks.put(chunk)
    finally:
        await chunks.put(None)
        await writing
    return stored

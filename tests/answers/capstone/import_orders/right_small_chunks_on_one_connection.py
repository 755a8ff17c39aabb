"""Right: one connection for all of it, committed before the next order is asked for."""

from datetime import date

from sqlalchemy import ForeignKey, String, select
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


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
    stored, chunk = 0, {}
    async with engine.connect() as connection:

        async def send():
            nonlocal stored
            keys = {order["customer_id"] for order in chunk.values()}
            keys -= set(await connection.scalars(select(Customer.id).where(Customer.id.in_(keys))))
            if keys:
                await connection.execute(insert(Customer), [{"id": key} for key in sorted(keys)])
            there = select(Purchase.code).where(Purchase.code.in_(list(chunk)))
            for code in (await connection.scalars(there)).all():
                del chunk[code]
            if chunk:
                await connection.execute(insert(Purchase), list(chunk.values()))
            await connection.commit()
            stored += len(chunk)
            chunk.clear()

        async for order in orders:
            chunk.setdefault(order["code"], order)
            if len(chunk) == 400:
                await send()
        if chunk:
            await send()
    return stored

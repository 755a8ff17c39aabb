"""Right: a session, objects, and a look at what is there."""

from datetime import date

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import async_sessionmaker
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
    sessions = async_sessionmaker(engine)
    stored = 0
    async for chunk in in_chunks(orders, 2000):
        async with sessions.begin() as session:
            keys = {order["customer_id"] for order in chunk}
            there = set(await session.scalars(select(Customer.id).where(Customer.id.in_(keys))))
            session.add_all(Customer(id=key) for key in sorted(keys - there))
            await session.flush()
            by_code = {order["code"]: order for order in chunk}
            known = await session.scalars(select(Purchase.code).where(Purchase.code.in_(by_code)))
            for code in known.all():
                del by_code[code]
            session.add_all(Purchase(**order) for order in by_code.values())
        stored += len(by_code)
    return stored

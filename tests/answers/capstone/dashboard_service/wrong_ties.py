"""Breaks: figures.

Who spent the same comes in the sequence in which the database found them.
"""

from datetime import date
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import ForeignKey, String, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import web


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


BIG = 2_147_483_647
Key = Annotated[int, Field(ge=1, le=BIG)]
Code = Annotated[str, Path(min_length=1, max_length=40)]


class OrderIn(BaseModel):
    customer_id: Key
    ordered_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    cds: Annotated[int, Field(ge=1, le=1000)]
    cents: Annotated[int, Field(ge=0, le=BIG)]


def best():
    return (
        select(
            Customer.id,
            Customer.name,
            func.count(Purchase.code).label("orders"),
            func.coalesce(func.sum(Purchase.cents), 0).label("cents"),
            func.max(Purchase.ordered_on).label("last_ordered_on"),
        )
        .outerjoin(Purchase, Purchase.customer_id == Customer.id)
        .group_by(Customer.id)
    )


def make_app(url, **options):
    app = FastAPI(lifespan=web.lifespan(url, **options))

    @app.get("/dashboard")
    async def dashboard(session: web.RequestSession, size: Annotated[int, Query(ge=1, le=100)] = 10):
        customers = await session.scalar(select(func.count()).select_from(Customer))
        totals = (await session.execute(select(func.count(), func.coalesce(func.sum(Purchase.cents), 0)))).one()
        top = await session.execute(best().order_by(text("cents DESC")).limit(size))
        return {
            "customers": customers,
            "orders": totals[0],
            "cents": totals[1],
            "best": [dict(row) for row in top.mappings()],
        }

    @app.get("/customers/{key}")
    async def customer(session: web.RequestSession, key: Annotated[int, Path(ge=1, le=BIG)]):
        row = (await session.execute(best().where(Customer.id == key))).mappings().one_or_none()
        if row is None:
            raise HTTPException(404)
        return dict(row)

    @app.put("/orders/{code}", status_code=201)
    async def put(code: Code, order: OrderIn, session: web.RequestSession, response: Response):
        try:
            day = date.fromisoformat(order.ordered_on)
        except ValueError:
            raise HTTPException(422, "no such day") from None
        values = {"code": code, **order.model_dump(), "ordered_on": day}
        if await session.scalar(select(Customer.id).where(Customer.id == order.customer_id)) is None:
            raise HTTPException(404)
        dialect = postgresql if session.bind.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(Purchase).values(values).on_conflict_do_nothing().returning(Purchase.code)
        if await session.scalar(insert) is None:
            stored = await session.get(Purchase, code)
            if {name: getattr(stored, name) for name in values} != values:
                raise HTTPException(409)
            response.status_code = 200
        return values

    return app

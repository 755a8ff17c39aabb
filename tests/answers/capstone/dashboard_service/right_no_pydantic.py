"""Right: Core statements, and requests that are judged by hand."""

from datetime import date
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns.web import lifespan


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


def number(value, least, most):
    try:
        value = int(value)
    except (TypeError, ValueError):
        raise HTTPException(422, f"{value!r} is no number.") from None
    if not least <= value <= most:
        raise HTTPException(422, f"{value} is not between {least} and {most}.")
    return value


def shown(row):
    return dict(row) | {"last_ordered_on": row["last_ordered_on"] and str(row["last_ordered_on"])}


def make_app(url: str, **options: Any) -> FastAPI:
    app = FastAPI(lifespan=lifespan(url, **options))
    cents = func.coalesce(func.sum(Purchase.cents), 0).label("cents")
    figures = (
        select(
            Customer.id,
            Customer.name,
            func.count(Purchase.code).label("orders"),
            cents,
            func.max(Purchase.ordered_on).label("last_ordered_on"),
        )
        .join_from(Customer, Purchase, isouter=True)
        .group_by(Customer.id, Customer.name)
    )

    @app.get("/dashboard")
    async def dashboard(request: Request) -> Any:
        size = number(request.query_params.get("size", 10), 1, 100)
        async with request.state.sessions() as session:
            rows = await session.execute(figures.order_by(cents.desc(), Customer.id).limit(size))
            best = [shown(row) for row in rows.mappings()]
            customers = await session.scalar(select(func.count(Customer.id)))
            totals = select(func.count(Purchase.code), func.coalesce(func.sum(Purchase.cents), 0))
            orders, spent = (await session.execute(totals)).one()
        return {"customers": customers, "orders": orders, "cents": spent, "best": best}

    @app.get("/customers/{key}")
    async def customer(key: str, request: Request) -> Any:
        key = number(key, 1, 2**31 - 1)
        async with request.state.sessions() as session:
            row = (await session.execute(figures.where(Customer.id == key))).mappings().one_or_none()
        if row is None:
            raise HTTPException(404, "Nobody.")
        return shown(row)

    @app.put("/orders/{code}")
    async def put_order(code: str, request: Request) -> Any:
        sent = await request.json()
        number(len(code), 1, 40)
        values = {
            "code": code,
            "customer_id": number(sent.get("customer_id"), 1, 2**31 - 1),
            "cds": number(sent.get("cds"), 1, 1000),
            "cents": number(sent.get("cents"), 0, 2**31 - 1),
        }
        try:
            values["ordered_on"] = date.fromisoformat(sent.get("ordered_on"))
        except (TypeError, ValueError):
            raise HTTPException(422, "A day is written 1999-04-01.") from None
        async with request.state.sessions.begin() as session:
            insert = DIALECTS[session.bind.dialect.name].insert(Purchase).values(values)
            insert = insert.on_conflict_do_nothing(index_elements=["code"])
            try:
                new = (await session.execute(insert)).rowcount == 1
            except IntegrityError:
                raise HTTPException(404, "Nobody.") from None
            if not new:
                table = Purchase.__table__
                row = (await session.execute(select(table).where(table.c.code == code))).mappings().one()
                if dict(row) != values:
                    raise HTTPException(409, "Another order.")
        return JSONResponse(values | {"ordered_on": str(values["ordered_on"])}, 201 if new else 200)

    return app

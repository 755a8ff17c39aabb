"""Right: an engine and a dependency of its own, sub-queries for the figures, a handler for the 404."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
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


Key = Annotated[int, Field(ge=1, le=2**31 - 1)]
Amount = Annotated[int, Field(ge=0, le=2**31 - 1)]
Code = Annotated[str, Path(min_length=1, max_length=40)]


class NewOrder(BaseModel):
    customer_id: Key
    ordered_on: date
    cds: Annotated[int, Field(ge=1, le=1000)]
    cents: Amount


class OrderOut(NewOrder):
    model_config = ConfigDict(from_attributes=True)
    code: str


class CustomerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str | None
    orders: int
    cents: int
    last_ordered_on: date | None


class Dashboard(BaseModel):
    customers: int
    orders: int
    cents: int
    best: list[CustomerOut]


def own(column):
    return select(column).where(Purchase.customer_id == Customer.id).scalar_subquery()


ORDERS = own(func.count())
CENTS = own(func.coalesce(func.sum(Purchase.cents), 0))
FIGURES = select(
    Customer.id,
    Customer.name,
    ORDERS.label("orders"),
    CENTS.label("cents"),
    own(func.max(Purchase.ordered_on)).label("last_ordered_on"),
)


def make_app(url: str, **options: Any) -> FastAPI:
    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url, **options)
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", lambda connection, _: foreign_keys(connection))
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        try:
            yield
        finally:
            await engine.dispose()

    def foreign_keys(connection: Any) -> None:
        connection.execute("PRAGMA foreign_keys=ON")

    app = FastAPI(lifespan=run)

    @app.get("/dashboard")
    async def dashboard(size: Annotated[int, Query(ge=1, le=100)] = 10) -> Dashboard:
        async with app.state.sessions() as session:
            best = (await session.execute(FIGURES.order_by(CENTS.desc(), Customer.id).limit(size))).mappings()
            customers = await session.scalar(select(func.count()).select_from(Customer))
            totals = select(func.count().label("orders"), func.coalesce(func.sum(Purchase.cents), 0).label("cents"))
            sums = (await session.execute(totals.select_from(Purchase))).mappings().one()
            return Dashboard(customers=customers, best=best.all(), **sums)

    @app.get("/customers/{key}")
    async def customer(key: Key) -> CustomerOut:
        async with app.state.sessions() as session:
            found = (await session.execute(FIGURES.where(Customer.id == key))).mappings().first()
        if found is None:
            raise HTTPException(404)
        return CustomerOut(**found)

    @app.put("/orders/{code}")
    async def put_order(code: Code, order: NewOrder, response: Response) -> OrderOut:
        response.status_code = 201
        sent = OrderOut(code=code, **order.model_dump())
        try:
            async with app.state.sessions.begin() as session:
                session.add(Purchase(**sent.model_dump()))
        except IntegrityError:
            async with app.state.sessions() as session:
                stored = await session.get(Purchase, code)
            if stored is None:
                raise HTTPException(404) from None
            if OrderOut.model_validate(stored) != sent:
                raise HTTPException(409) from None
            response.status_code = 200
        return sent

    return app

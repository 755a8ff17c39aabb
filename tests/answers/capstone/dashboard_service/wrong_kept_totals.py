"""Breaks: figures.

The totals are asked for once and kept.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import broken_rule
from course_lib.patterns.web import RequestSession, lifespan


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


class Shop:
    """The repository: what the service asks and tells the database, in the request's session."""

    def __init__(self, session):
        self.session = session

    def _customers(self):
        cents = func.coalesce(func.sum(Purchase.cents), 0)
        columns = (
            Customer.id,
            Customer.name,
            func.count(Purchase.code).label("orders"),
            cents.label("cents"),
            func.max(Purchase.ordered_on).label("last_ordered_on"),
        )
        query = select(*columns).outerjoin(Purchase, Purchase.customer_id == Customer.id)
        return query.group_by(Customer.id).order_by(cents.desc(), Customer.id)

    async def customer(self, key):
        return (await self.session.execute(self._customers().where(Customer.id == key))).one_or_none()

    async def best(self, size):
        return (await self.session.execute(self._customers().limit(size))).all()

    async def totals(self):
        customers = select(func.count()).select_from(Customer).scalar_subquery()
        query = select(customers, func.count(), func.coalesce(func.sum(Purchase.cents), 0))
        return (await self.session.execute(query.select_from(Purchase))).one()

    async def put(self, code, values):
        insert = DIALECTS[self.session.bind.dialect.name].insert(Purchase)
        statement = insert.values(code=code, **values).on_conflict_do_nothing().returning(Purchase.code)
        new = (await self.session.execute(statement)).first() is not None
        return new, await self.session.get_one(Purchase, code)


def make_app(url: str, **options: Any) -> FastAPI:
    kept: list[Any] = []
    app = FastAPI(title="Dashboard", lifespan=lifespan(url, **options))

    @app.get("/dashboard")
    async def dashboard(
        session: RequestSession, size: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> Dashboard:
        shop = Shop(session)
        if not kept:
            kept.append(await shop.totals())
        customers, orders, cents = kept[0]
        best = [CustomerOut.model_validate(row) for row in await shop.best(size)]
        return Dashboard(customers=customers, orders=orders, cents=cents, best=best)

    @app.get("/customers/{key}")
    async def customer(key: Key, session: RequestSession) -> CustomerOut:
        row = await Shop(session).customer(key)
        if row is None:
            raise HTTPException(404, f"There is no customer {key}.")
        return CustomerOut.model_validate(row)

    @app.put("/orders/{code}", status_code=201)
    async def put_order(code: Code, order: NewOrder, session: RequestSession, response: Response) -> OrderOut:
        try:
            new, stored = await Shop(session).put(code, order.model_dump())
        except IntegrityError as error:
            if broken_rule(error) != "foreign key":
                raise
            raise HTTPException(404, f"There is no customer {order.customer_id}.") from error
        if not new:
            if NewOrder.model_validate(stored, from_attributes=True) != order:
                raise HTTPException(409, f"Another order has the code {code}.")
            response.status_code = 200
        return OrderOut.model_validate(stored)

    return app

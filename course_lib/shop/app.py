"""The shop as a small web application: what lessons 18 and 19 lead to, finished.

Needs FastAPI, so nothing here imports it: ``from course_lib.shop.app import make_app``.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import BackgroundTasks, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from course_lib.patterns import keyset_page
from course_lib.patterns.web import (
    RequestSession,
    Sessions,
    health,
    lifespan,
    refuse_broken_rule,
    refuse_for_now,
)
from course_lib.shop.models import Order, OrderLine, Product, User

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewUser(BaseModel):
    """What a client sends to become a user."""

    name: str = Field(min_length=1, max_length=100)
    email: str = Field(min_length=3, max_length=255, pattern="@")
    country: str = Field(pattern="^[A-Z]{2}$")


class UserOut(BaseModel):
    """A user as clients see one."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    email: str
    country: str


class UserPage(BaseModel):
    """Some users by id, and what to send as ``after`` for the next ones."""

    users: list[UserOut]
    next: int | None


class NewLine(BaseModel):
    """So many copies of one product."""

    product_id: Id
    quantity: int = Field(ge=1, le=1000)


class NewOrder(BaseModel):
    """A basket."""

    lines: list[NewLine] = Field(min_length=1, max_length=100)


class OrderOut(BaseModel):
    """An order as clients see one; ``cents`` is its amount in US cents."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    user_id: int
    ordered_on: date
    cds: int
    cents: int


class Dashboard(BaseModel):
    """What a user has ordered so far."""

    user: UserOut
    orders: int
    cents: int
    last_ordered_on: date | None


Mail = Callable[[str, str], Awaitable[object]]
"""``await mail(address, text)`` sends a mail."""


async def no_mail(address: str, text: str) -> None:
    """Send nothing: the default, for a shop without a mail server."""


def make_app(url: str | URL, *, mail: Mail = no_mail, **options: Any) -> FastAPI:
    """Build the application on a database that holds the shop's tables.

    Args:
        url: the database's URL.
        mail: how mails are sent; it runs after the commit and after the answer.
        options: for ``make_engine``, such as ``pool_size``.

    Documentation: https://fastapi.tiangolo.com/tutorial/
    """
    app = FastAPI(title="A music shop", lifespan=lifespan(url, **options))
    app.add_exception_handler(IntegrityError, refuse_broken_rule)
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)
    app.add_exception_handler(ConnectionError, refuse_for_now)
    app.add_api_route("/health", health)

    @app.get("/users")
    async def list_users(
        session: RequestSession, after: Id | None = None, size: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> UserPage:
        position = None if after is None else (after,)
        users, end = await keyset_page(session, User, size=size, after=position)
        return UserPage(users=[UserOut.model_validate(user) for user in users], next=end[0] if end else None)

    @app.post("/users", status_code=201)
    async def add_user(new: NewUser, session: RequestSession, response: Response) -> UserOut:
        user = User(**new.model_dump())
        session.add(user)
        await session.flush()
        response.headers["Location"] = f"/users/{user.id}"
        return UserOut.model_validate(user)

    @app.get("/users/{user_id}")
    async def one_user(user_id: Id, session: RequestSession) -> UserOut:
        return UserOut.model_validate(_found(await session.get(User, user_id), "user", user_id))

    @app.delete("/users/{user_id}", status_code=204)
    async def delete_user(user_id: Id, session: RequestSession) -> None:
        gone = delete(User).where(User.id == user_id).returning(User.id)
        _found(await session.scalar(gone), "user", user_id)

    @app.get("/users/{user_id}/dashboard")
    async def dashboard(user_id: Id, session: RequestSession) -> Dashboard:
        orders, cents = func.count(Order.id), func.coalesce(func.sum(Order.cents), 0)
        statement = select(User, orders, cents, func.max(Order.ordered_on)).outerjoin(User.orders)
        row = (await session.execute(statement.where(User.id == user_id).group_by(User.id))).one_or_none()
        user, number, spent, last = _found(row, "user", user_id)
        return Dashboard(user=UserOut.model_validate(user), orders=number, cents=spent, last_ordered_on=last)

    @app.post("/users/{user_id}/orders", status_code=201)
    async def place_order(
        user_id: Id, basket: NewOrder, session: RequestSession, sessions: Sessions, tasks: BackgroundTasks
    ) -> OrderOut:
        wanted: Counter[int] = Counter()
        for line in basket.lines:
            wanted[line.product_id] += line.quantity
        order = Order(user_id=user_id, ordered_on=datetime.now(UTC).date(), cds=0, cents=0, lines=[])
        # Writes come first: SQLite refuses a write after a read if somebody else wrote in between. And always
        # in the order of the ids: two baskets that lock each other's products would be a deadlock.
        for product_id, quantity in sorted(wanted.items()):
            price = await session.scalar(
                update(Product)
                .where(Product.id == product_id, Product.stock >= quantity)
                .values(stock=Product.stock - quantity)
                .returning(Product.cents)
            )
            if price is None:
                if await session.get(Product, product_id) is None:
                    raise HTTPException(422, f"There is no product {product_id}.")
                raise HTTPException(409, f"Fewer than {quantity} copies of product {product_id} are left.")
            order.lines.append(OrderLine(product_id=product_id, quantity=quantity, cents=price * quantity))
            order.cds += quantity
            order.cents += price * quantity
        user = _found(await session.get(User, user_id), "user", user_id)
        session.add(order)
        await session.flush()

        async def confirm() -> None:
            # The request's session has ended by now: this one is the task's own.
            async with sessions() as own:
                stored = await own.get_one(Order, order.id)
                await mail(user.email, f"Your order {stored.id} of {stored.cds} CDs is on its way.")

        tasks.add_task(confirm)
        return OrderOut.model_validate(order)

    return app


def _found(item: Any, kind: str, key: int) -> Any:
    if item is None:
        raise HTTPException(404, f"There is no {kind} {key}.")
    return item

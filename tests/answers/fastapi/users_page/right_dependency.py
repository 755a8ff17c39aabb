"""A dependency finds the user or raises; the engine lives in a global of the application's making.
"""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import selectinload

from course_lib.patterns import make_engine, make_session_factory
from course_lib.shop import Order, User


class Line(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    product_id: int
    quantity: int


class Basket(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    cents: int
    lines: list[Line]


class Page(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    orders: list[Basket]


def page_app(url):
    held = {}

    @asynccontextmanager
    async def lifespan(app):
        held["engine"] = engine = make_engine(url)
        held["sessions"] = make_session_factory(engine)
        async with held["sessions"]() as session:
            await session.get(User, 1)  # a first connection, before the first request
        yield
        await held.pop("engine").dispose()

    async def found(user_id: Annotated[int, Path(le=2**31 - 1)]):
        async with held["sessions"]() as session:
            both = selectinload(User.orders).selectinload(Order.lines)
            user = await session.get(User, user_id, options=[both])
            if user is None:
                raise HTTPException(404)
            yield user

    app = FastAPI(lifespan=lifespan)

    @app.get("/users/{user_id}")
    async def page(user: Annotated[User, Depends(found)]) -> Page:
        return Page.model_validate(user)

    return app

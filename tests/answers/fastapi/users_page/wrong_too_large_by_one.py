"""Breaks: large.

The bound is too large by one.
"""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Request
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
    @asynccontextmanager
    async def lifespan(app):
        engine = make_engine(url)
        try:
            yield {"sessions": make_session_factory(engine)}
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    all_of_it = selectinload(User.orders).selectinload(Order.lines)

    @app.get("/users/{user_id}")
    async def page(user_id: Annotated[int, Path(ge=1, le=2**31)], request: Request) -> Page:
        async with request.state.sessions() as session:
            user = await session.get(User, user_id, options=[all_of_it])
            if user is None:
                raise HTTPException(404, "There is no such user.")
            return Page.model_validate(user)

    return app

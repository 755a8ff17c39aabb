"""Lifespan and session from `patterns.web`; a number that does not fit is refused by the database.
"""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import joinedload, selectinload

from course_lib.patterns import web
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
    app = FastAPI(lifespan=web.lifespan(url, pool_size=5, max_overflow=0))

    @app.get("/users/{user_id}")
    async def page(user_id: int, session: web.RequestSession) -> Page:
        query = select(User).where(User.id == user_id)
        query = query.options(selectinload(User.orders).options(joinedload(Order.lines)))
        try:
            user = (await session.scalars(query)).one()
        except (NoResultFound, DBAPIError, OverflowError):
            raise HTTPException(404, "There is no such user.") from None
        return Page.model_validate(user)

    return app

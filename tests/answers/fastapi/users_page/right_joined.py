"""One statement with joins, the engine in `app.state`, and an old-style `response_model`.
"""

from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from course_lib.patterns import make_engine
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
        app.state.engine = make_engine(url, pool_size=1)
        yield
        await app.state.engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/users/{user_id}", response_model=Page)
    async def page(user_id: int = Path(le=2**31 - 1)):
        options = [joinedload(User.orders).joinedload(Order.lines)]
        async with AsyncSession(app.state.engine) as session:
            user = await session.get(User, user_id, options=options)
            if not user:
                raise HTTPException(404)
            return user

    return app

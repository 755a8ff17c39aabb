"""Breaks: refused.

Answers an unknown user with 409 as well.
"""

from datetime import date
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Order, Product, User


class Sale(BaseModel):
    user_id: int
    product_id: int


def sales_app(sessions):
    async def get_session():
        async with sessions.begin() as session:
            yield session

    app = FastAPI()

    @app.post("/orders", status_code=201)
    async def sell(sale: Sale, session: Annotated[AsyncSession, Depends(get_session, scope="function")]) -> dict[str, int]:
        take = update(Product).where(Product.id == sale.product_id, Product.stock > 0)
        cents = await session.scalar(take.values(stock=Product.stock - 1).returning(Product.cents))
        if cents is None:
            raise HTTPException(409, "There is no copy left.")
        if await session.get(User, sale.user_id) is None:
            raise HTTPException(409, "There is no such user.")
        order = Order(user_id=sale.user_id, ordered_on=date.today(), cds=1, cents=cents)
        session.add(order)
        await session.flush()
        return {"id": order.id}

    return app

"""A class as the dependency, and the commit in its own `__call__`.
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


class Transaction:
    def __init__(self, sessions):
        self.sessions = sessions

    async def __call__(self):
        session = self.sessions()
        try:
            yield session
            await session.commit()
        except BaseException:
            await session.rollback()
            raise
        finally:
            await session.close()


def sales_app(sessions):
    app = FastAPI()
    InTime = Annotated[AsyncSession, Depends(Transaction(sessions), scope="function")]

    @app.post("/orders", status_code=201, response_model=dict[str, int])
    async def sell(sale: Sale, session: InTime):
        take = update(Product).where(Product.id == sale.product_id, Product.stock > 0)
        cents = await session.scalar(take.values(stock=Product.stock - 1).returning(Product.cents))
        if cents is None:
            raise HTTPException(409, "There is no copy left.")
        if await session.get(User, sale.user_id) is None:
            raise HTTPException(404, "There is no such user.")
        order = Order(user_id=sale.user_id, ordered_on=date.today(), cds=1, cents=cents)
        session.add(order)
        await session.flush()
        return {"id": order.id}

    return app

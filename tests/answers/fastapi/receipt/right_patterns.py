"""The session of `patterns.web`, with its factory overridden, and rows instead of objects.
"""

from datetime import date

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import insert, select, update

from course_lib.patterns import web
from course_lib.shop import Order, Product, User


class Sale(BaseModel):
    user_id: int
    product_id: int


def sales_app(sessions):
    app = FastAPI()
    app.dependency_overrides[web.get_sessions] = lambda: sessions

    @app.post("/orders", status_code=201)
    async def sell(sale: Sale, session: web.RequestSession) -> dict[str, int]:
        product = select(Product.cents, Product.stock).where(Product.id == sale.product_id)
        row = (await session.execute(product.with_for_update())).one_or_none()
        if row is None or row.stock == 0:
            raise HTTPException(409)
        if not await session.scalar(select(User.id).where(User.id == sale.user_id)):
            raise HTTPException(404)
        change = update(Product).where(Product.id == sale.product_id).values(stock=row.stock - 1)
        await session.execute(change)
        order = {"user_id": sale.user_id, "ordered_on": date.today(), "cds": 1, "cents": row.cents}
        return {"id": await session.scalar(insert(Order).values(order).returning(Order.id))}

    return app

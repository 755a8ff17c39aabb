"""Three statements of columns, and dictionaries; the engine is made with the application.
"""

from collections import defaultdict
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from course_lib.patterns import make_engine
from course_lib.shop import Order, OrderLine, User


def page_app(url):
    engine = make_engine(url)

    @asynccontextmanager
    async def lifespan(app):
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/users/{user_id}")
    async def page(user_id: int) -> dict[str, Any]:
        if user_id >= 2**31:
            raise HTTPException(404)
        orders = select(Order.id, Order.cents).where(Order.user_id == user_id).order_by(Order.id)
        lines = select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity)
        lines = lines.join(OrderLine.order).where(Order.user_id == user_id).order_by(OrderLine.id)
        async with engine.connect() as connection:
            name = await connection.scalar(select(User.name).where(User.id == user_id))
            if name is None:
                raise HTTPException(404)
            baskets = [{"id": key, "cents": cents} for key, cents in await connection.execute(orders)]
            by_order = defaultdict(list)
            for order_id, product_id, quantity in await connection.execute(lines):
                by_order[order_id].append({"product_id": product_id, "quantity": quantity})
        for basket in baskets:
            basket["lines"] = by_order[basket["id"]]
        return {"id": user_id, "name": name, "orders": baskets}

    return app

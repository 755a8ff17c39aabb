"""Breaks: after.

The endpoint commits, and then awaits the mail itself.
"""

from datetime import date

from fastapi import FastAPI, HTTPException
from sqlalchemy import func, select

from course_lib.shop import Order, User


def order_desk(sessions, mail):
    app = FastAPI()

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(user_id: int, cents: int):
        async with sessions.begin() as session:
            user = await session.get(User, user_id)
            if user is None:
                raise HTTPException(404)
            order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
            session.add(order)
        async with sessions() as session:
            number = await session.scalar(select(func.count()).where(Order.user_id == user_id))
        await mail(user.email, number)
        return {"id": order.id}

    return app

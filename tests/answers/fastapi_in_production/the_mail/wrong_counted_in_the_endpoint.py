"""Breaks: fresh.

The number is the endpoint's, from before the answer.
"""

from datetime import date
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Order, User


def order_desk(sessions, mail):
    app = FastAPI()

    async def get_session():
        async with sessions.begin() as session:
            yield session

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(
        user_id: int,
        cents: int,
        tasks: BackgroundTasks,
        session: Annotated[AsyncSession, Depends(get_session, scope="function")],
    ):
        user = await session.get(User, user_id)
        if user is None:
            raise HTTPException(404)
        order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
        session.add(order)
        await session.flush()
        number = await session.scalar(select(func.count()).where(Order.user_id == user_id))
        tasks.add_task(mail, user.email, number)
        return {"id": order.id}

    return app

"""The user's email is read in the endpoint; only the number is read again."""

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

    async def confirm(user_id, email):
        async with sessions() as own:
            number = await own.scalar(select(func.count()).where(Order.user_id == user_id))
        await mail(email, number)

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
        tasks.add_task(confirm, user_id, user.email)
        return {"id": order.id}

    return app

"""Default scope, and an explicit commit in the endpoint; the task closes its session by hand."""

from datetime import date
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Order, User


def order_desk(sessions, mail):
    app = FastAPI()

    async def get_session():
        async with sessions() as session:
            yield session

    async def confirm(user_id):
        own = sessions()
        try:
            user = await own.get(User, user_id)
            number = await own.scalar(select(func.count()).where(Order.user_id == user_id))
        finally:
            await own.close()
        await mail(user.email, number)

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(
        user_id: int,
        cents: int,
        tasks: BackgroundTasks,
        session: Annotated[AsyncSession, Depends(get_session)],
    ):
        if await session.get(User, user_id) is None:
            raise HTTPException(404)
        order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
        session.add(order)
        await session.commit()
        tasks.add_task(confirm, user_id)
        return {"id": order.id}

    return app

"""Breaks: committed.

The mail is kept for after the answer, also where the commit then fails.
"""

from datetime import date

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from course_lib.shop import Order, User


def order_desk(sessions, mail):
    app = FastAPI()

    async def confirm(user_id):
        async with sessions() as own:
            user = await own.get(User, user_id)
            number = await own.scalar(select(func.count()).where(Order.user_id == user_id))
        await mail(user.email, number)

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(user_id: int, cents: int, tasks: BackgroundTasks):
        async with sessions() as session:
            if await session.get(User, user_id) is None:
                raise HTTPException(404)
            order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
            session.add(order)
            await session.flush()
            tasks.add_task(confirm, user_id)
            try:
                await session.commit()
            except DBAPIError:
                return JSONResponse("not now", 503, background=tasks)
        return {"id": order.id}

    return app

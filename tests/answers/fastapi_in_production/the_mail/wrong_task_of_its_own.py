"""Breaks: after.

`create_task` begins the mail at once, and not when the answer is out.
"""

import asyncio
from datetime import date

from fastapi import FastAPI, HTTPException
from sqlalchemy import func, select

from course_lib.shop import Order, User


def order_desk(sessions, mail):
    app = FastAPI()
    running = set()

    async def confirm(user_id):
        async with sessions() as own:
            user = await own.get(User, user_id)
            number = await own.scalar(select(func.count()).where(Order.user_id == user_id))
        await mail(user.email, number)

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(user_id: int, cents: int):
        async with sessions.begin() as session:
            if await session.get(User, user_id) is None:
                raise HTTPException(404)
            order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
            session.add(order)
        task = asyncio.create_task(confirm(user_id))
        running.add(task)
        task.add_done_callback(running.discard)
        return {"id": order.id}

    return app

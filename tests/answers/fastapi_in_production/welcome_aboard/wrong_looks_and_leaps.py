"""Breaks: duplicate.

Asks whether the address is taken, and trusts the answer until the INSERT.
"""

from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from course_lib.patterns.web import refuse_for_now
from course_lib.shop import User


def registration(sessions):
    app = FastAPI()
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str):
        async with sessions.begin() as session:
            if await session.scalar(select(User.id).where(User.email == email)):
                raise HTTPException(409, "There is a user with this address.")
            user = User(name=name, email=email, country=country)
            session.add(user)
        return {"id": user.id}

    return app

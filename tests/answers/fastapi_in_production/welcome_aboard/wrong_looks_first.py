"""Breaks: duplicate.

Asks whether the address is taken, and answers 200 with the old id.
"""

from fastapi import FastAPI, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from course_lib.patterns.web import refuse_for_now
from course_lib.shop import User


def registration(sessions):
    app = FastAPI()
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str, response: Response):
        async with sessions.begin() as session:
            user = await session.scalar(select(User).where(User.email == email))
            if user:
                response.status_code = 200
            else:
                user = User(name=name, email=email, country=country)
                session.add(user)
        return {"id": user.id}

    return app

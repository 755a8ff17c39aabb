"""Breaks: lost.

What the flush raises is not caught, apart from a duplicate.
"""

from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.shop import User


def registration(sessions):
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str):
        async with sessions() as session:
            user = User(name=name, email=email, country=country)
            session.add(user)
            try:
                await session.flush()
            except IntegrityError:
                raise HTTPException(409, "This address is taken.") from None
            try:
                await session.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise HTTPException(503, "Not now.", headers={"Retry-After": "1"}) from None
                raise
            return {"id": user.id}

    return app

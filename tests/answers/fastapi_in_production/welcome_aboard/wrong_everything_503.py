"""Breaks: bug.

Every error of the database is called a passing one.
"""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import User


def registration(sessions):
    app = FastAPI()

    @app.exception_handler(IntegrityError)
    async def taken(request, error):
        return JSONResponse({"detail": "This address is taken."}, status_code=409)

    @app.exception_handler(DBAPIError)
    async def not_now(request, error):
        return JSONResponse({"detail": "Not now."}, status_code=503, headers={"Retry-After": "5"})

    async def get_session():
        async with sessions() as session:
            yield session
            await session.commit()

    @app.post("/users", status_code=201)
    async def add_user(
        name: str,
        email: str,
        country: str,
        session: Annotated[AsyncSession, Depends(get_session, scope="function")],
    ):
        user = User(name=name, email=email, country=country)
        session.add(user)
        await session.flush()
        return {"id": user.id}

    return app

"""Breaks: created.

FastAPI answers 200 where nothing else is said.
"""

from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.patterns.web import refuse_broken_rule, refuse_for_now
from course_lib.shop import User


def registration(sessions):
    app = FastAPI()
    app.add_exception_handler(IntegrityError, refuse_broken_rule)
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)

    async def get_session():
        async with sessions.begin() as session:
            yield session

    @app.post("/users")
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

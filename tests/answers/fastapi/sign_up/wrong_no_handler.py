"""Breaks: taken.

Tells the foreign key, and lets the duplicate be a 500.
"""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.patterns import broken_rule
from course_lib.shop import User, user_tags


class Form(BaseModel):
    name: str
    email: str
    country: str
    tags: list[int]


def sign_up_app(sessions):
    async def get_session():
        async with sessions.begin() as session:
            yield session

    async def refuse(request, error):
        rule = broken_rule(error)
        if rule == "foreign key":
            return JSONResponse({"detail": "There is no such tag."}, 422)
        raise error

    app = FastAPI()
    app.add_exception_handler(IntegrityError, refuse)

    @app.post("/users", status_code=201)
    async def sign_up(form: Form, session: Annotated[AsyncSession, Depends(get_session, scope="function")]) -> dict[str, int]:
        user = User(name=form.name, email=form.email, country=form.country)
        session.add(user)
        await session.flush()
        links = [{"user_id": user.id, "tag_id": tag} for tag in sorted(set(form.tags))]
        if links:
            await session.execute(insert(user_tags), links)
        return {"id": user.id}

    return app

"""The session and the handler of `patterns.web`.
"""

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from course_lib.patterns import web
from course_lib.shop import User, user_tags


class Form(BaseModel):
    name: str
    email: str
    country: str
    tags: list[int]


def sign_up_app(sessions):
    app = FastAPI()
    app.dependency_overrides[web.get_sessions] = lambda: sessions
    app.add_exception_handler(IntegrityError, web.refuse_broken_rule)

    @app.post("/users", status_code=201)
    async def sign_up(form: Form, session: web.RequestSession) -> dict[str, int]:
        row = {"name": form.name, "email": form.email, "country": form.country}
        user_id = await session.scalar(insert(User).values(row).returning(User.id))
        if form.tags:
            links = [{"user_id": user_id, "tag_id": tag} for tag in dict.fromkeys(form.tags)]
            await session.execute(insert(user_tags), links)
        return {"id": user_id}

    return app

"""Each flush has its own `except`: what fails first is the address, what fails then a tag.
"""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from course_lib.shop import User, user_tags


class Form(BaseModel):
    name: str
    email: str
    country: str
    tags: list[int]


def sign_up_app(sessions):
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def sign_up(form: Form) -> dict[str, int]:
        async with sessions.begin() as session:
            user = User(**form.model_dump(exclude={"tags"}))
            session.add(user)
            try:
                await session.flush()
            except IntegrityError:
                raise HTTPException(409, "This address is taken.") from None
            try:
                for tag in sorted(set(form.tags)):
                    await session.execute(insert(user_tags).values(user_id=user.id, tag_id=tag))
            except IntegrityError:
                raise HTTPException(422, "There is no such tag.") from None
        return {"id": user.id}

    return app

"""Looks for the tags, and lets the commit decide about the address.
"""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from course_lib.shop import Tag, User


class Form(BaseModel):
    name: str
    email: str
    country: str
    tags: list[int]


def sign_up_app(sessions):
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def sign_up(form: Form) -> dict[str, int]:
        async with sessions() as session:
            tags = (await session.scalars(select(Tag).where(Tag.id.in_(form.tags)))).all()
            if len(tags) < len(set(form.tags)):
                raise HTTPException(422, "There is no such tag.")
            if await session.scalar(select(User.id).where(User.email == form.email)):
                raise HTTPException(409, "This address is taken.")
            user = User(name=form.name, email=form.email, country=form.country, tags=list(tags))
            session.add(user)
            try:
                await session.commit()
            except IntegrityError:
                raise HTTPException(409, "This address is taken.") from None
            return {"id": user.id}

    return app

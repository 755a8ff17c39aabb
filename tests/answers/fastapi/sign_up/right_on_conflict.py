"""ON CONFLICT DO NOTHING: no row comes back where the address is taken.
"""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from course_lib.shop import Tag, User, user_tags


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
            dialect = postgresql if session.bind.dialect.name == "postgresql" else sqlite
            row = {"name": form.name, "email": form.email, "country": form.country}
            new = dialect.insert(User).values(row).on_conflict_do_nothing().returning(User.id)
            user_id = await session.scalar(new)
            if user_id is None:
                raise HTTPException(409, "This address is taken.")
            known = set(await session.scalars(select(Tag.id).where(Tag.id.in_(form.tags))))
            if known != set(form.tags):
                raise HTTPException(422, "There is no such tag.")
            if known:
                await session.execute(insert(user_tags), [{"user_id": user_id, "tag_id": tag} for tag in known])
        return {"id": user_id}

    return app

"""One INSERT with RETURNING, a router, and an explicit commit before the answer."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from course_lib.patterns import broken_rule, is_temporary
from course_lib.shop import User


def registration(sessions):
    router = APIRouter(prefix="/users")

    @router.post("", status_code=201)
    async def add_user(name: str, email: str, country: str):
        async with sessions() as session:
            values = {"name": name, "email": email, "country": country}
            key = await session.scalar(insert(User).values(values).returning(User.id))
            await session.commit()
        return {"id": key}

    async def refuse(request, error):
        if is_temporary(error):
            return JSONResponse("not now", 503, {"Retry-After": "1"})
        if getattr(error, "orig", None) and broken_rule(error) == "unique":
            return JSONResponse("taken", 409)
        raise error

    app = FastAPI(exception_handlers={SQLAlchemyError: refuse})
    app.include_router(router)
    return app

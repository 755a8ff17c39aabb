"""Mutants of lesson 18."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="async def lifespan(app):\n    engine = make_engine(db.url)",
        old="await engine.dispose()",
        new="await engine.closed()",
        why="the end of the lifespan, which disposes of the engine",
    ),
    Mutant(
        cell="ByDefault = Annotated[",
        old="Depends(get_session)]",
        new='Depends(get_session, scope="function")]',
        why="the commit that comes after the answer",
    ),
    Mutant(
        cell="async def recipes_session():",
        old="except Exception as error:",
        new="except BaseException as error:",
        why="the cancellation that `except Exception` does not hear of",
    ),
    Mutant(
        cell="async def add_user(new: NewUser",
        old="if user is None:",
        new="if False:",
        why="the 404",
    ),
    Mutant(
        cell="async def refuse(request, error):",
        old='if rule == "unique":',
        new="if rule:",
        why="the foreign key that is no conflict",
    ),
    Mutant(
        cell="class UserWithOrders(BaseModel):",
        old="user = await session.get_one(User, user_id)",
        new="user = await session.get_one(User, user_id, options=[selectinload(User.orders)])",
        why="the lazy load in a response model",
    ),
    Mutant(
        cell="async def all_users(",
        old=".options(selectinload(User.orders))",
        new="",
        why="the loader that the response model needs",
    ),
    Mutant(
        cell="async with rolled_back(db.engine) as sessions:",
        old="lambda: sessions",
        new="lambda: db.sessions",
        why="the test that leaves nothing behind",
    ),
    Mutant(
        cell="app.dependency_overrides[web.get_session] = lambda: session",
        old="[web.get_session] = lambda: session",
        new="[web.get_sessions] = lambda: db.sessions",
        why="one session for all requests, which hides the duplicate",
    ),
]

"""Trials on the recipe's generic repository."""

from __future__ import annotations

import contextlib

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.lens import watch
from course_lib.sandbox import Sandbox
from course_lib.shop import Tag, User
from course_lib.trials.recipe import RecipeRepository, recipe_models, with_one_order
from course_lib.trials.trial import Finding, Trial, finding


async def any_model(db: Sandbox) -> Finding:
    class Base(DeclarativeBase):
        pass

    class Membership(Base):
        __tablename__ = "trial_memberships"
        user_id: Mapped[int] = mapped_column(primary_key=True)
        club_id: Mapped[int] = mapped_column(primary_key=True)

    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with db.sessions() as session:
        found = await RecipeRepository(session, User).get_many(
            list(await session.scalars(select(User.id).limit(2)))
        )
        try:
            await RecipeRepository(session, Membership).get_many([(1, 1)])
            composite = True
        except AttributeError:
            composite = False
    return finding(
        len(found) == 2,
        "works with a model whose key is called id",
        {"a model with a key of two columns has no `id`": not composite},
    )


async def get_many(db: Sandbox) -> Finding:
    async with db.sessions.begin() as session:
        ids = list(await session.scalars(select(User.id).order_by(User.id)))
        await session.execute(update(User).where(User.id == ids[0]).values(name="moved"))
    async with db.sessions() as session:
        users = RecipeRepository(session, User)
        found = await users.get_many(ids)
        asked = [ids[2], ids[1], ids[0], ids[2], -1]
        got = [user and user.id for user in await users.get_many(asked)]
        with watch(db.engine) as nothing:
            await users.get_many([])
        try:
            await users.get_many(list(range(40_000)))
            long = True
        except DBAPIError:
            long = False
    return finding(
        {user.id for user in found} == set(ids),
        f"{len(ids)} keys give {len(found)} objects",
        {
            "the order is not that of the keys": [*dict.fromkeys(got)][:3] != asked[:3],
            "a key asked for twice comes once": got.count(ids[2]) == 1,
            "an unknown key is left out without a word": len(set(got)) < len(set(asked)),
            "no keys at all still send a statement": nothing.sent > 0,
            "40000 keys are too many for one statement": not long,
        },
    )


async def create(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        tags = RecipeRepository(session, Tag)
        first = await tags.create(name="first of two")
        added = first.id is not None
        with contextlib.suppress(IntegrityError):
            await tags.create(name="first of two")
        try:
            await session.scalar(select(func.count()).select_from(Tag))
            poisoned = False
        except PendingRollbackError:
            poisoned = True
        await (session.rollback() if poisoned else session.commit())
        kept = await session.scalar(select(func.count()).where(Tag.name == "first of two"))
    return finding(
        added,
        "a new object gets its id",
        {
            "after a duplicate every further call fails until a rollback": poisoned,
            "and the rollback takes what was created before": kept == 0,
        },
    )


async def update_by_name(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        users = RecipeRepository(session, User)
        user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
        with watch(db.engine) as right:
            await users.update(user, name="renamed")
        with watch(db.engine) as typo:
            await users.update(user, emial="x@x")
        await session.rollback()
    return finding(
        right.sent == 1 and typo.sent != 0,
        f"a right name sends {right.sent} UPDATE, a misspelled one sends {typo.sent} and raises nothing",
    )


async def delete_owner(db: Sandbox) -> Finding:
    models = await with_one_order(db, recipe_models())
    async with db.sessions.begin() as session:
        session.add(models.User(email="b@b"))
    outcome = {}
    for email in ("a@a", "b@b"):
        async with db.sessions() as session:
            users = RecipeRepository(session, models.User)
            user = (await session.scalars(select(models.User).where(models.User.email == email))).one()
            try:
                await users.delete(user)
                outcome[email] = "deleted"
            except IntegrityError as error:
                outcome[email] = type(error).__name__
            await session.rollback()
    return finding(
        outcome["a@a"] == "deleted",
        f"a user with orders: {outcome['a@a']}; a user without: {outcome['b@b']}",
    )


async def detached(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
    async with db.sessions() as session:
        await RecipeRepository(session, User).update(user, name="renamed")
        await session.commit()
        stored = await session.scalar(text("SELECT count(*) FROM users WHERE name = 'renamed'"))
    return finding(stored == 1, f"{stored} rows renamed, and no error")


TRIALS = (
    Trial(
        "repository-for-any-model",
        "One generic repository serves every model.",
        ("class AsyncRepository",),
        "repositories/4",
        any_model,
        exercise="repositories/same-order",
        pattern="Repository",
    ),
    Trial(
        "get-many-gives-what-is-asked",
        "`get_many` gives the objects for a list of keys.",
        ("method get_many",),
        "repositories/1",
        get_many,
        exercise="repositories/same-order",
        pattern="Repository",
    ),
    Trial(
        "create-adds",
        "`create` adds an object and leaves the rest to the caller.",
        ("method create",),
        "repositories/2",
        create,
        exercise="repositories/tag-named",
        pattern="Repository",
    ),
    Trial(
        "update-takes-any-name",
        "`update(**values)` stores what it is given, or says that it cannot.",
        ("method update",),
        "repositories/3",
        update_by_name,
        exercise="repositories/no-typos",
        pattern="Repository",
    ),
    Trial(
        "update-takes-any-object",
        "`update` stores a change of any object handed to it.",
        ("method update",),
        "repositories/3",
        detached,
        exercise="repositories/no-typos",
        pattern="Repository",
    ),
    Trial(
        "delete-deletes",
        "`delete` deletes a user, orders or not.",
        ("method delete",),
        "relationships/3",
        delete_owner,
        exercise="relationships/delete-a-user",
        pattern="owned",
    ),
)

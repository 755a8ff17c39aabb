"""Trials on the recipe's models."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import String, Uuid, cast, inspect, select, text
from sqlalchemy.dialects.postgresql import UUID as PostgresUUID
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.sandbox import Sandbox
from course_lib.trials.recipe import created, recipe_models
from course_lib.trials.trial import Finding, Trial, finding


async def aware_default(db: Sandbox) -> Finding:
    models = await created(db, recipe_models(mended=False))
    try:
        async with db.sessions.begin() as session:
            session.add(models.User(email="a@a", orders=[]))
    except DBAPIError as error:
        refused = str(error.orig).strip().splitlines()[0].rpartition("(")[2].rstrip(")")
        return finding(False, f"the first INSERT fails: {refused}")
    async with db.sessions() as session:
        user = (await session.scalars(select(models.User))).one()
    zone = user.created_at.utcoffset()
    return finding(
        zone == timedelta(0), "stored" if zone is not None else "stored, and read back without its zone"
    )


async def dialect_type(db: Sandbox) -> Finding:
    class Base(DeclarativeBase):
        pass

    class Special(Base):
        __tablename__ = "trial_special"
        id: Mapped[uuid.UUID] = mapped_column(PostgresUUID(as_uuid=True), primary_key=True)

    class Plain(Base):
        __tablename__ = "trial_plain"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True)

    usual, letterless = uuid.uuid4(), uuid.UUID("12345678-1234-4678-9234-567812345678")
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async def kept(model: type[Special | Plain], key: uuid.UUID) -> bool:
        async with db.sessions.begin() as session:
            session.add(model(id=key))
        async with db.sessions() as session:
            ids = select(cast(model.id, String)).order_by(model.id)
            return key.hex in [text_of_id.replace("-", "") for text_of_id in await session.scalars(ids)]

    special, plain = await kept(Special, usual), await kept(Plain, usual)
    lost = not await kept(Special, letterless) and await kept(Plain, letterless)
    generic = isinstance(Plain.__table__.c.id.type, Uuid)
    return finding(
        special,
        "a key of PostgreSQL's own type is stored; the generic type does as well",
        {"a UUID without a letter is stored as a number, and lost": lost},
        current=not (generic and plain),
    )


async def order_without_key(db: Sandbox) -> Finding:
    models = await created(db, recipe_models(mended=False))
    owner = uuid.uuid4()
    stored = {"id": owner.hex if db.backend == "sqlite" else str(owner)}
    async with db.engine.begin() as connection:
        user = "INSERT INTO recipe_users (id, email, created_at) VALUES (:id, 'a@a', CURRENT_TIMESTAMP)"
        await connection.execute(text(user), stored)
    try:
        async with db.sessions.begin() as session:
            session.add(models.Order(user_id=owner, total=5))
        refused = ""
    except IntegrityError as error:
        refused = type(error).__name__
    return finding(not refused, f"{refused}: the key has no value" if refused else "stored")


async def unique_and_index(db: Sandbox) -> Finding:
    await created(db, recipe_models())
    async with db.engine.connect() as connection:
        indexes = await connection.run_sync(lambda sync: inspect(sync).get_indexes("recipe_users"))
    on_email = [index for index in indexes if index["column_names"] == ["email"]]
    return finding(
        len(on_email) == 1 and bool(on_email[0]["unique"]),
        f"{len(on_email)} index on the column, and it is unique",
    )


TRIALS = (
    Trial(
        "aware-default-time",
        "A default of `datetime.now(timezone.utc)` stores when a row was made, zone included.",
        ("sample models",),
        "models/3",
        aware_default,
        exercise="models/an-order-that-inserts",
        pattern="UtcDateTime",
    ),
    Trial(
        "uuid-of-the-dialect",
        "A UUID key takes PostgreSQL's own column type.",
        ("sample models",),
        "models/5",
        dialect_type,
        exercise="models/a-reviewer-that-does-not-tire",
        pattern="UuidKey",
    ),
    Trial(
        "order-inserts-as-declared",
        "The recipe's `Order` can be stored as it is declared.",
        ("sample models",),
        "models/3",
        order_without_key,
        exercise="models/an-order-that-inserts",
        pattern="UuidKey",
    ),
    Trial(
        "unique-and-index",
        "`unique=True, index=True` makes a column unique and quick to find.",
        ("sample models",),
        "models/5",
        unique_and_index,
        exercise="models/names-for-a-migration",
        pattern="Base",
    ),
)

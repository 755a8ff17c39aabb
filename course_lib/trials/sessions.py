"""Trials on the session and its factory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, String, func, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from course_lib.lens import connections, heartbeat, watch
from course_lib.sandbox import Sandbox
from course_lib.shop import User
from course_lib.trials.trial import Finding, Trial, finding


def _somebody(email: str = "somebody@example.com") -> User:
    return User(name="Somebody", email=email, country="DE")


def _readable(item: Any, name: str) -> bool:
    try:
        getattr(item, name)
    except SQLAlchemyError:
        return False
    return True


async def class_named(db: Sandbox) -> Finding:
    async with async_sessionmaker(db.engine, class_=AsyncSession)() as named, db.sessions() as unnamed:
        same = type(named) is type(unnamed)
    return finding(
        isinstance(named, AsyncSession),
        "AsyncSession is what the factory makes",
        {"it makes it without being told, too": same},
    )


async def no_expiry(db: Sandbox) -> Finding:
    class Base(DeclarativeBase):
        pass

    class Note(Base):
        __tablename__ = "trial_notes"
        id: Mapped[int] = mapped_column(primary_key=True)
        words: Mapped[str] = mapped_column(String(20))
        changed_at: Mapped[Any] = mapped_column(
            DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
        )

    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    readable = {}
    for keep in (True, False):
        async with async_sessionmaker(db.engine, expire_on_commit=not keep)() as session:
            user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
            await session.commit()
            readable[keep] = _readable(user, "name")
    async with db.sessions() as session:
        user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
        await session.commit()
        async with db.engine.begin() as connection:
            await connection.execute(update(User).where(User.id == user.id).values(name="elsewhere"))
        again = await session.get(User, user.id)
        stale = again is not None and again.name != "elsewhere"
        await session.execute(text("SELECT 1"))
        await session.rollback()
        after_rollback = _readable(user, "name")
    async with db.sessions() as session:
        user = (await session.scalars(select(User).order_by(User.id).limit(1))).one()
        await session.commit()
        relation = _readable(user, "orders")
    async with db.sessions() as session:
        note = Note(words="first")
        session.add(note)
        await session.commit()
        note.words = "second"
        await session.commit()
        changed = _readable(note, "changed_at")
    return finding(
        readable[True] and not readable[False],
        "columns stay readable after the commit, and are not without the option",
        {
            "a rollback expires them all the same": not after_rollback,
            "a column that the database changes itself is expired after its UPDATE": not changed,
            "a relationship that was not loaded fails as before": not relation,
            "what another transaction changed is not seen": stale,
        },
    )


async def no_autoflush(db: Sandbox) -> Finding:
    async with async_sessionmaker(db.engine, autoflush=False)() as session:
        session.add(_somebody())
        with watch(db.engine) as sql:
            found = await session.scalar(select(func.count()).where(User.email == "somebody@example.com"))
        control = all(one.kind == "SELECT" for one in sql.all)
        if not found:
            session.add(_somebody())
        try:
            await session.commit()
            doubled = False
        except IntegrityError:
            doubled = True
    return finding(
        control,
        "a query sends nothing but itself",
        {"look first, then add: the look misses what was added, and the commit fails": not found and doubled},
    )


async def sync_session_blocks(db: Sandbox) -> Finding:
    raised = ""
    async with heartbeat() as beats:
        try:
            with Session(db.engine) as session:  # type: ignore[arg-type]
                session.execute(text("SELECT 1"))
        except Exception as error:
            raised = type(error).__name__
    return finding(not raised and beats.longest_gap > 0, f"it raised {raised}" if raised else "it ran")


async def get_without_key(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        try:
            await session.get(User)  # type: ignore[call-arg]
            raised = ""
        except TypeError as error:
            raised = type(error).__name__
    return finding(not raised, f"it raised {raised}" if raised else "it gave a user")


async def never_closed(db: Sandbox) -> Finding:
    async def kept(*, query: bool, commit: bool) -> int:
        session = db.sessions()
        with connections(db.engine) as pool:
            if query:
                await session.execute(text("SELECT 1"))
            if commit:
                await session.commit()
            out = pool.out
        await session.close()
        return out

    return finding(
        await kept(query=True, commit=False) == 1,
        "a session that is left open after a query keeps its connection",
        {
            "after a commit it keeps none": await kept(query=True, commit=True) == 0,
            "without a query it keeps none": await kept(query=False, commit=False) == 0,
        },
    )


async def flush_gives_ids(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        user = _somebody()
        before = user.id
        session.add(user)
        await session.flush()
        given = user.id
        async with db.engine.connect() as other:
            seen = await other.scalar(select(func.count()).select_from(User).where(User.id == given))
    return finding(
        before is None and given is not None and seen == 0, "an id after the flush, and nothing committed"
    )


async def get_by_key(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        key = await session.scalar(select(func.min(User.id)))
        found, missing = await session.get(User, key), await session.get(User, -1)
    return finding(found is not None and missing is None, "the object, and None for an unknown key")


async def one_per_task(db: Sandbox) -> Finding:
    async with db.sessions() as one, db.sessions() as two:
        user = (await one.scalars(select(User).order_by(User.id).limit(1))).one()
        twin = await two.get(User, user.id)
        user.name = "changed in one"
        await one.flush()
        apart = twin is not None and twin is not user and twin.name != "changed in one"
        await one.rollback()
    return finding(apart, "objects and changes of one session are not those of another")


TRIALS = (
    Trial(
        "factory-told-its-class",
        "The factory is told to make an AsyncSession.",
        ("sample engine",),
        "sessions/1",
        class_named,
        exercise="sessions/users-by-country",
        pattern="make_session_factory",
    ),
    Trial(
        "no-expiry-no-errors",
        "`expire_on_commit=False` prevents the errors of loading too late.",
        ("sample engine", "decision expire_on_commit"),
        "stale-and-expired/3",
        no_expiry,
        exercise="stale-and-expired/usable-after-close",
        pattern="make_session_factory",
    ),
    Trial(
        "autoflush-off-is-control",
        "`autoflush=False` leaves it to you when changes are sent, which is safer.",
        ("sample engine",),
        "stale-and-expired/4",
        no_autoflush,
        exercise="stale-and-expired/one-row-for-each-name",
        pattern="make_session_factory",
    ),
    Trial(
        "session-per-task",
        "Each task, and each request, gets a session of its own.",
        ("decision Session scope", "function get_data_from_multiple_users"),
        "taskgroup-concurrency/3",
        one_per_task,
        exercise="taskgroup-concurrency/owners-page",
        pattern="fan_out",
    ),
    Trial(
        "sync-session-blocks",
        "A synchronous `Session` on the engine blocks the event loop.",
        ("anti-pattern synchronous Session",),
        "await-and-tasks/3",
        sync_session_blocks,
        exercise="await-and-tasks/all-prices",
        pattern="make_session_factory",
    ),
    Trial(
        "get-without-a-key",
        "`session.get(User)` gives a user.",
        ("anti-pattern lazy relationship",),
        "sessions/3",
        get_without_key,
        exercise="sessions/already-here",
        pattern="Repository",
    ),
    Trial(
        "never-closed-leaks",
        "A session that nobody closes leaks its connection.",
        ("anti-pattern unclosed session",),
        "sessions/5",
        never_closed,
        exercise="sessions/find-what-leaks",
        pattern="unit_of_work",
    ),
    Trial(
        "flush-gives-ids",
        "`flush()` gives new objects their ids without a commit.",
        ("function bulk_insert_users",),
        "sessions/4",
        flush_gives_ids,
        exercise="sessions/all-or-nothing",
        pattern="Repository",
    ),
    Trial(
        "get-by-key",
        "The repository's `get` gives an object by its key, or None.",
        ("method get", "function get_user"),
        "repositories/5",
        get_by_key,
        exercise="repositories/buyers",
        pattern="Repository",
    ),
)

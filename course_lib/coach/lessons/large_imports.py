"""Lesson 12: loads that do not fit into memory, break off, go on, and may be repeated."""

import gc
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Engine, delete, event, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import just_before
from course_lib.lens.statements_view import counted
from course_lib.patterns import load_notes
from course_lib.shop import Product, User

_OPEN = "The caller opened the transaction, with work of its own in it. Who opens it ends it."
_EMPTY = "An empty list beside an INSERT counts as no values at all: one row of nothing but defaults."


async def _count(db: Any, model: Any) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


class _Name(str):
    """A name whose life can be watched. Whatever form a row is held in, its name is in it."""


class _Feed:
    """A feed of users that notes how many of their names are alive. Fails after `breaks_at` rows."""

    def __init__(self, total: int, *, breaks_at: int | None = None) -> None:
        self.total, self.breaks_at = total, breaks_at
        self.alive = self.most = 0
        self._look = AT_ONCE + 1

    def _gone(self) -> None:
        self.alive -= 1

    def _row(self, number: int) -> dict[str, Any]:
        name = _Name(f"Łucja {number}")
        self.alive += 1
        weakref.finalize(name, self._gone)
        if self.alive >= self._look:
            gc.collect()  # what only waits for the collector is held by nobody
            self._look = self.alive + AT_ONCE // 2
            self.most = max(self.most, self.alive)
        return {"name": name, "email": f"feed{number}@example.org", "country": "NL"}

    async def rows(self) -> AsyncIterator[dict[str, Any]]:
        for number in range(self.total):
            if number == self.breaks_at:
                raise ConnectionError("the supplier hung up")
            yield self._row(number)


AT_ONCE = 2_000
"""How many rows of a feed may be alive at the same time."""


class AFeedThatNeverEnds(Exercise):
    """Mend an import that holds on to everything and loses the end."""

    id = "large-imports/a-feed-that-never-ends"
    title = "A feed that never ends"
    defines = "load_users"
    minutes = 8
    achieved = "take in a feed of any length in little memory"
    users = (0, 0, 0)
    requirements = {
        "stored": Requirement(
            "every row of the feed is stored, those of a last short chunk as well",
            "A feed seldom ends with a full chunk.",
            "large-imports/1",
        ),
        "number": Requirement(
            "the number of rows is returned, 0 for an empty feed",
            "A list of the last chunk has the length of the last chunk.",
            "large-imports/1",
        ),
        "alive": Requirement(
            f"at most {AT_ONCE:,} rows of the feed are alive at the same time, in whatever form",
            "A list of rows, of copies or of objects keeps all of them. So does a session with what is not flushed yet. And a "
            "loop's own `chunk` lives until the next one has been read.",
            "large-imports/1",
        ),
        "nothing": Requirement(
            "an empty feed stores nothing",
            _EMPTY,
            "bulk-inserts/2",
        ),
        "budget": Requirement(
            "at most 2 + N // 250 statements are sent for N rows",
            "A chunk is one statement for rows, and one for each object on SQLite. Small chunks are many statements.",
            "bulk-inserts/1",
        ),
        "error": Requirement(
            "an error of the feed reaches the caller",
            "A feed that broke off and one that came to its end are two things.",
            "large-imports/2",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "Three things are wrong with it: a list that grows, a chunk that is forgotten, and what `add_all` costs.",
        "Collect rows in a list. When it is full, send it with `insert(User)` and begin a new one. What is in it at the end?",
        "`async for chunk in in_chunks(rows, 1000)` from `course_lib.patterns` cuts the feed, the last chunk included; "
        "then `session.execute(insert(User), chunk)`.",
    )
    afterword = (
        "Two chunks at most are alive, as rows, the sent one and the next; and each is one statement. `in_chunks` also gives the last, short one, and "
        "none at all for an empty feed."
    )
    another = """
async def load_users(session, rows):
    chunk, count = [], 0
    async for row in rows:
        chunk.append(row)
        count += 1
        if len(chunk) == 500:
            await session.execute(insert(User), chunk)
            chunk.clear()
    if chunk:
        await session.execute(insert(User), chunk)
    return count
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Give a long feed that ends with a short chunk, an empty one, and one that breaks off."""
        async with lab.shop(0) as db:
            feed = _Feed(4_130)
            async with db.sessions() as session:
                label = "4,130 rows"
                call = await lab.call(answer, session, feed.rows(), on=db, returns=int, label=label)
                with lab.watch(db) as sql:
                    await session.flush()
                saw = f"{feed.most:,} were alive at one time"
                lab.expect("alive", feed.most <= AT_ONCE, saw, call)
                sent = call.sent + sql.sent
                lab.expect("budget", sent <= 2 + feed.total // 250, f"{sent:,} statements", call)
                lab.expect("number", call.value == feed.total, f"{call.value!r} for {label}", call)
                found = Counter(await session.scalars(select(User.email)))
                wanted = Counter(f"feed{number}@example.org" for number in range(feed.total))
                saw = f"{counted(found.total(), 'user')} stored, {(wanted - found).total()} missing"
                lab.expect("stored", found == wanted, saw, call)
                await session.rollback()
            stayed = await _count(db, User)
            lab.expect("open", not stayed, f"{counted(stayed, 'user')} survived the rollback", call)
        async with lab.shop(0) as db, db.sessions() as session:
            label = "an empty feed"
            call = await lab.call(answer, session, _Feed(0).rows(), on=db, blame="nothing", label=label)
            found = await session.scalar(select(func.count()).select_from(User))
            lab.expect("nothing", not found, f"{counted(found, 'user')} stored", call)
            lab.expect("number", call.value == 0, f"{call.value!r} for {label}", call)
        async with lab.shop(0) as db, db.sessions() as session:
            label = "a feed that breaks off"
            rows = _Feed(1_500, breaks_at=1_200).rows()
            call = await lab.call(answer, session, rows, on=db, catch=ConnectionError, label=label)
            lab.expect("error", call.error, f"no error, and {call.value!r} was returned", call)


class GoOn(Exercise):
    """Keep the note together with what it says."""

    id = "large-imports/go-on"
    title = "Go on"
    defines = "import_users"
    minutes = 14
    achieved = "write an import that survives a crash at any moment"
    users = (7, 7)
    requirements = {
        "stored": Requirement(
            "a call that is not disturbed stores every row of the feed once",
            "How far the job came is in its note. The number of rows in the table says something else.",
            "large-imports/2",
        ),
        "number": Requirement(
            "the number of rows that this call stored is returned, 0 if the job was done",
            "Count rows, and not chunks: the last one may be short. Rows of an earlier call were stored by that one.",
            "large-imports/2",
        ),
        "note": Requirement(
            "the note says how many rows of the feed are stored, so that the next call may use another size",
            "A number of chunks is worth nothing when the size changes.",
            "large-imports/2",
        ),
        "progress": Requirement(
            "when the feed breaks off, the full chunks before it are stored",
            "Chunks of one transaction are rolled back together.",
            "large-imports/2",
        ),
        "together": Requirement(
            "whichever commit fails: after another call each row is stored once",
            "Two commits, one for the rows and one for the note, leave a moment in between in which one of them is wrong.",
            "large-imports/2",
        ),
        "error": Requirement(
            "an error of the feed reaches the caller",
            "Who believes that the load has come to its end will not start it again.",
            "large-imports/2",
        ),
        "jobs": Requirement(
            "the notes of other jobs stay as they are",
            "An UPDATE without WHERE changes every note there is.",
            "large-imports/2",
        ),
    }
    hints = (
        "What if the power fails between the two commits of the colleague's loop? And what does the next call do then?",
        "A transaction for each chunk, in which both are written, the rows and the note. Before that, read the note and "
        "pass over so many rows.",
        "`async with engine.begin() as connection:` around `insert(User)` and the note: an INSERT the first time, then "
        "`update(load_notes).where(load_notes.c.job == job).values(rows=done)`.",
    )
    afterword = (
        "One transaction holds the rows and what is said about them, so they are stored together or not at all. The note "
        "counts rows: `islice` passes over them, whatever the size was."
    )
    another = """
from course_lib.patterns import insert_rows, load


async def import_users(engine, job, rows, size):
    async def write(connection, chunk):
        await insert_rows(connection, User, chunk)

    progress = await load(engine, rows, write, job=job, size=size)
    return progress.done - progress.resumed
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Import, import again, break the feed, and let each commit fail in turn."""
        async with lab.shop(7) as db:
            await _with_notes(db)
            await self._undisturbed(answer, lab, db)
            await self._broken_feed(answer, lab, db)
            notes = await _notes(db)
            others = {job: rows for job, rows in notes.items() if job in ("more", "fewer")}
            lab.expect("jobs", others == {"more": 90_000, "fewer": 3}, f"{others} of 90,000 and 3")
        if lab.broken:  # what a failing commit leaves behind would say the same once more
            return
        async with lab.shop(7) as db:
            await _with_notes(db)
            for fails in range(1, 9):
                if not await self._failing_commit(answer, lab, db, fails):
                    break

    async def _undisturbed(self, answer: Any, lab: Lab, db: Any) -> None:
        label = "a new job"
        args = (db.engine, "whole", _people("whole", 230), 100)
        call = await lab.call(answer, *args, on=db, returns=int, label=label)
        stored = await _stored(db, "whole")
        lab.expect("stored", stored == set(range(230)), f"{len(stored)} of 230 rows", call)
        lab.expect("number", call.value == 230, f"{call.value!r} instead of 230", call)
        note = (await _notes(db)).get("whole")
        lab.expect("note", note == 230, f"the note says {note}", call)
        label = "a job that is done, with another size"
        args = (db.engine, "whole", _people("whole", 230), 70)
        call = await lab.call(answer, *args, on=db, returns=int, label=label, catch=SQLAlchemyError)
        saw = f"it raised {type(call.error).__name__}"
        if lab.expect("note", call.error is None, saw, call):
            lab.expect("number", call.value == 0, f"{call.value!r} instead of 0", call)

    async def _broken_feed(self, answer: Any, lab: Lab, db: Any) -> None:
        label = "a feed that breaks off after 230 rows"
        args = (db.engine, "broken", _people("broken", 230, breaks=True), 100)
        call = await lab.call(answer, *args, on=db, catch=ConnectionError, label=label)
        lab.expect("error", call.error, f"no error, and {call.value!r} was returned", call)
        stored = await _stored(db, "broken")
        lab.expect("progress", set(range(200)) <= stored, f"{len(stored)} rows stored", call)
        label = "the same job, with a feed that is whole"
        args = (db.engine, "broken", _people("broken", 260), 100)
        call = await lab.call(answer, *args, on=db, returns=int, label=label)
        after = await _stored(db, "broken")
        lab.expect("stored", after == set(range(260)), f"{len(after)} of 260 rows", call)
        saw = f"{call.value!r} instead of {260 - len(stored)}"
        lab.expect("number", call.value == 260 - len(stored), saw, call)

    async def _failing_commit(self, answer: Any, lab: Lab, db: Any, fails: int) -> bool:
        """Let one commit fail and call again; False once there were fewer commits."""
        job = f"job{fails}"
        with _commit_fails(db.engine.sync_engine, fails) as failed:
            label = f"commit {fails} fails"
            args = (db.engine, job, _people(job, 150), 60)
            call = await lab.call(answer, *args, on=db, catch=(ConnectionError,), label=label)
        if not failed:
            return False
        label = f"again, after commit {fails} had failed"
        args = (db.engine, job, _people(job, 150), 60)
        call = await lab.call(answer, *args, on=db, blame="together", label=label)
        stored = await _stored(db, job)
        lab.expect("together", stored == set(range(150)), f"{len(stored)} of 150 rows are stored", call)
        return "together" not in lab.broken


async def _with_notes(db: Any) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(load_notes.create)
        await connection.execute(
            insert(load_notes), [{"job": "more", "rows": 90_000}, {"job": "fewer", "rows": 3}]
        )


async def _notes(db: Any) -> dict[str, int]:
    async with db.engine.connect() as connection:
        return {job: rows for job, rows in await connection.execute(select(load_notes))}


async def _stored(db: Any, job: str) -> set[int]:
    async with db.engine.connect() as connection:
        found = await connection.scalars(select(User.email).where(User.email.startswith(f"{job}.")))
        return {int(email.partition("@")[0].rpartition(".")[2]) for email in found}


def _people(job: str, count: int, *, breaks: bool = False) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {"name": f"Zoë {number}", "email": f"{job}.{number}@example.org", "country": "BE"}
    if breaks:
        raise ConnectionError("the supplier hung up")


@contextmanager
def _commit_fails(engine: Engine, which: int) -> Iterator[list[bool]]:
    """Let one COMMIT of an engine fail, counted from 1, as when its connection breaks."""
    failed: list[bool] = []
    seen = 0

    def commit(connection: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == which:
            failed.append(True)
            connection.connection.rollback()  # as the database does when it cannot commit
            raise ConnectionError("the connection broke at the commit")

    event.listen(engine, "commit", commit)
    try:
        yield failed
    finally:
        event.remove(engine, "commit", commit)


class TwiceChangesNothing(Exercise):
    """Write an upsert that takes repeats, and tells the session."""

    id = "large-imports/twice-changes-nothing"
    title = "Twice changes nothing"
    defines = "upsert_users"
    minutes = 14
    achieved = "repeat a load without doubling a row or leaving anything stale"
    users = (40, 7)
    requirements = {
        "added": Requirement(
            "a row with a new email becomes a user, also when another session added it a moment ago",
            "Between a SELECT and an INSERT another session may add the same user.",
            "large-imports/3",
        ),
        "updated": Requirement(
            "a row with a known email gives that user its name and its country",
            "`excluded` is the row that could not go in. Without it, a column is set to what it was.",
            "large-imports/3",
        ),
        "last": Requirement(
            "of several rows with one email the last one counts",
            "In one long statement PostgreSQL refuses to touch a row twice.",
            "large-imports/3",
        ),
        "held": Requirement(
            "users that the session holds have the new values, to be read without a statement",
            "An upsert goes past the objects. `expire` puts off the reading to a moment that cannot wait.",
            "large-imports/3",
        ),
        "nothing": Requirement(
            "no rows store nothing",
            _EMPTY,
            "bulk-inserts/2",
        ),
        "budget": Requirement(
            "at most 4 + N // 100 statements are sent for N rows",
            "An upsert for each row is a loop like any other.",
            "bulk-inserts/2",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "Each backend has an `insert` of its own. `session.bind.dialect.name` tells which one you are on.",
        "Keep the last row of each email in a dict, then upsert. How did the lesson make a held object new again?",
        "A `select(User)` for the emails with `.execution_options(populate_existing=True)` renews what the session holds. "
        "Or add `.returning(User)` to the upsert, with the same option, and read the result.",
    )
    afterword = (
        "The dict keeps the last row of each email, so that no form of the statement meets an email twice. "
        "`populate_existing` writes what came back over what the session holds, in the same statement."
    )
    another = """
from course_lib.patterns import upsert_rows


async def upsert_users(session, rows):
    await upsert_rows(session, User, rows, key=["email"])
    emails = [row["email"] for row in rows]
    for start in range(0, len(emails), 500):
        some = select(User).where(User.email.in_(emails[start : start + 500]))
        await session.scalars(some.execution_options(populate_existing=True))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Give known and new emails, one of them many times, none at all; and let another session be faster."""
        async with lab.shop(40) as db:
            await self._mixed(answer, lab, db)
            if not {"added", "updated"} & set(lab.broken):
                await self._repeated(answer, lab, db)
            before = await _count(db, User)
            async with db.sessions() as session:
                call = await lab.call(answer, session, [], on=db, blame="nothing", label="no rows")
                more = (await session.scalar(select(func.count()).select_from(User)) or 0) - before
                lab.expect("nothing", not more, f"{counted(more, 'user')} stored", call)
        if not lab.broken:
            async with lab.shop(7) as db:
                await self._somebody_faster(answer, lab, db)

    async def _mixed(self, answer: Any, lab: Lab, db: Any) -> None:
        before = await _count(db, User)
        async with db.sessions() as session:
            held = list(await session.scalars(select(User).where(User.id.between(2, 21)).order_by(User.id)))
            rows = [_changed(number) for number in range(640)]
            rows += [{"name": "Zoë", "email": user.email, "country": "FR"} for user in held]
            given = [dict(row) for row in rows]
            call = await lab.call(answer, session, given, on=db, blame="updated", label=f"{len(rows)} rows")
            with lab.watch(db) as sql:
                await session.flush()
            sent = call.sent + sql.sent
            lab.expect("budget", sent <= 4 + len(rows) // 100, f"{sent} statements", call)
            columns = select(User.email, User.name, User.country)
            found = {email: (name, country) for email, name, country in await session.execute(columns)}
            for user in held:
                email, name, country = (
                    lab.read("held", partial(getattr, user, each), call) for each in NAMES
                )
                saw = f"user {email} reads {name}, {country}, and the database says {found.get(email)}"
                lab.expect("held", None in (name, country) or found.get(email) == (name, country), saw, call)
            known = {user["email"]: (user["name"], user["country"]) for user in rows[640:]}
            new = {row["email"]: (row["name"], row["country"]) for row in rows[:640]}
            wrong = {email: found.get(email) for email in known if found.get(email) != known[email]}
            lab.expect(
                "updated", not wrong, f"{dict(list(wrong.items())[:2])} instead of ('Zoë', 'FR')", call
            )
            missing = [email for email in new if found.get(email) != new[email]]
            more = len(found) - before - len(new)
            saw = f"{len(missing)} of the {len(new)} new users are missing or different"
            saw = f"{counted(more, 'user')} too many" if more > 0 else saw
            lab.expect("added", not missing and not more, saw, call)
            await session.rollback()
        stayed = await _count(db, User) - before
        lab.expect("open", not stayed, f"{counted(stayed, 'user')} survived the rollback", call)

    async def _repeated(self, answer: Any, lab: Lab, db: Any) -> None:
        async with db.sessions() as session:
            email = await session.scalar(select(User.email).where(User.id == 2))
            rows = [{"name": f"Name {n}", "email": email, "country": "FR"} for n in range(3)]
            rows += [{"name": f"Name {n}", "email": "again@example.org", "country": "FR"} for n in range(4)]
            label = "one email several times"
            call = await lab.call(answer, session, rows, on=db, blame="last", label=label)
            await session.flush()
            names = select(User.name).where(User.email.in_([email, "again@example.org"])).order_by(User.id)
            found = list(await session.scalars(names))
            lab.same("last", found, ["Name 2", "Name 3"], call)

    async def _somebody_faster(self, answer: Any, lab: Lab, db: Any) -> None:
        """Another session has added the user, and what this one can have read before knows nothing of it."""
        row = {"name": "Jo", "email": "jo@example.org", "country": "FR"}
        another = insert(User).values({**row, "name": "Another Jo", "country": "BE"})
        with just_before(db.engine, ("INSERT", "WITH", "MERGE"), another) as added:
            async with db.sessions() as session:
                label = "another session adds the user in the middle"
                call = await lab.call(answer, session, [dict(row)], on=db, blame="added", label=label)
                await session.flush()
                found = await session.scalar(select(func.count()).where(User.email == row["email"]))
                lab.expect("added", found == 1 and added, f"{found} users with this email", call)


NAMES = ("email", "name", "country")


def _changed(number: int) -> dict[str, Any]:
    return {"name": f"Zoë {number}", "email": f"new{number * 7919 % 640}@example.org", "country": "FR"}


class SoldOut(Exercise):
    """Commit in between while reading a large table, on both backends."""

    id = "large-imports/sold-out"
    title = "Sold out"
    defines = "restock"
    core = False
    minutes = 14
    achieved = "work through a large table, commit by commit, in little memory"
    users = (0, 0, 0)
    requirements = {
        "ordered": Requirement(
            "`order` is awaited once for each product that was sold out at the beginning, by id",
            "OFFSET counts what is left. As products leave the list, it passes over others.",
            "large-imports/5",
        ),
        "none-left": Requirement(
            "a product of which nothing comes is not ordered again in the same call",
            "What is still sold out comes up again, unless you remember how far you were.",
            "large-imports/5",
        ),
        "shelf": Requirement(
            "each product's stock is what came of it",
            "What is changed in memory has to be flushed before it is forgotten.",
            "large-imports/5",
        ),
        "number": Requirement(
            "the number of products ordered is returned",
            "A product of which nothing came was ordered as well.",
            "large-imports/5",
        ),
        "committed": Requirement(
            "after every 50 products at most, what came is committed, on both backends",
            "On PostgreSQL a stream ends with its transaction, so it cannot go on behind a commit. And an error takes along "
            "what is not committed.",
            "large-imports/5",
        ),
        "error": Requirement(
            "an error of `order` reaches the caller",
            "An error that is swallowed looks like success.",
            "large-imports/2",
        ),
        "alive": Requirement(
            "at most 100 products are held at the same time",
            "`all()` makes every object, and so does a stream without `yield_per`. A session also keeps what is changed and not flushed.",
            "large-imports/5",
        ),
    }
    hints = (
        "The colleague's function works on SQLite. What does step 5 say about a commit in the middle of a stream?",
        "Read a page of 50 products, order them, commit, and go on behind the last id.",
        "`select(Product).where(Product.stock == 0, Product.id > last).order_by(Product.id).limit(50)`, each page in a "
        "session of its own.",
    )
    afterword = (
        "Each page is a transaction of its own. It begins behind the last id, so it does not matter which products have "
        "left the list, or stay in it because nothing came."
    )
    another = """
async def restock(factory, order):
    async with factory() as session:
        ids = list(await session.scalars(select(Product.id).where(Product.stock == 0).order_by(Product.id)))
    for start in range(0, len(ids), 50):
        async with factory.begin() as session:
            for number in ids[start : start + 50]:
                await session.execute(
                    update(Product).where(Product.id == number).values(stock=await order(number))
                )
    return len(ids)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Restock 160 products, some of which nobody has; and fail early, and in the middle."""
        async with lab.shop(0) as db:
            sold_out = await _sell_out(db)
            order = _Supplier()
            with _products_alive() as alive:
                order.alive = alive
                label = "160 sold out"
                call = await lab.call(
                    answer, db.sessions, order, on=db, catch=CheckEnded, blame="committed", label=label
                )
            lab.expect("none-left", order.twice is None, f"product {order.twice} was ordered again", call)
            if order.twice is None:
                saw = f"{len(order.asked)} products, {len(set(sold_out) - set(order.asked))} left out"
                if order.asked != sold_out and sorted(order.asked) == sold_out:
                    saw = f"all of them, beginning with {order.asked[:5]}"
                lab.expect("ordered", order.asked == sold_out, saw, call)
                lab.expect("number", call.value == len(order.asked), f"{call.value!r}", call)
                wrong = [number for number, stock in await _shelf(db, order.asked) if stock != _comes(number)]
                lab.expect("shelf", not wrong, f"{len(wrong)} products have another stock", call)
            lab.expect("alive", order.most <= 100, f"{order.most} were held", call)
        if {"none-left", "ordered"} & set(lab.broken):
            return
        for fails_at in (60, 130):
            async with lab.shop(0) as db:
                await self._breaks_off(answer, lab, db, fails_at)

    async def _breaks_off(self, answer: Any, lab: Lab, db: Any, fails_at: int) -> None:
        """All but the last 50 of what came before the error is stored."""
        await _sell_out(db)
        order = _Supplier(fails_at=fails_at)
        label = f"`order` fails at the {fails_at}th"
        kinds = ConnectionError
        call = await lab.call(answer, db.sessions, order, on=db, catch=kinds, blame="committed", label=label)
        lab.expect("error", call.error, f"no error, and {call.value!r} was returned", call)
        safe = order.asked[: fails_at - 51]
        lost = [number for number, stock in await _shelf(db, safe) if _comes(number) and not stock]
        saw = f"of the first {len(safe)} that were ordered, {len(lost)} did come and are not stored"
        lab.expect("committed", not lost, saw, call)


class _Supplier:
    """Sends copies of a product. Of every fifth there are none."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.asked: list[int] = []
        self.twice: int | None = None
        self.alive: Any = ()
        self.most = 0
        self._fails_at = fails_at

    async def __call__(self, product_id: int) -> int:
        if product_id in self.asked:
            self.twice = product_id
            raise CheckEnded
        self.asked.append(product_id)
        if len(self.alive) > max(self.most, 100):
            gc.collect()  # what only waits for the collector is held by nobody
        self.most = max(self.most, len(self.alive))
        if len(self.asked) == self._fails_at:
            raise ConnectionError("the supplier hung up")
        return _comes(product_id)


class CheckEnded(Exception):
    """Ends an answer that orders the same product again and again."""


def _comes(number: int) -> int:
    return 0 if number % 5 == 0 else number % 7 + 1


async def _sell_out(db: Any) -> list[int]:
    """Leave 60 products of the shop with a stock, and add 160 sold out ones; give the ids of these."""
    if db.backend == "sqlite":  # a disk that is busy must not make many small commits a matter of minutes
        event.listen(db.engine.sync_engine, "connect", _no_waiting_for_the_disk)
        await db.engine.dispose()
    rows = [{"title": f"Rare {n}", "artist": "The Few", "cents": 999, "stock": 0} for n in range(160)]
    async with db.engine.begin() as connection:
        await connection.execute(delete(Product).where(Product.id > 60))
        await connection.execute(update(Product).values(stock=5))
        await connection.execute(insert(Product), rows)
        ids = await connection.scalars(select(Product.id).where(Product.stock == 0).order_by(Product.id))
        return list(ids)


def _no_waiting_for_the_disk(connection: Any, entry: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


async def _shelf(db: Any, ids: list[int]) -> list[tuple[int, int]]:
    async with db.engine.connect() as connection:
        found = await connection.execute(select(Product.id, Product.stock).where(Product.id.in_(ids)))
        return [(number, stock) for number, stock in found]


@contextmanager
def _products_alive() -> Iterator[Any]:
    """Give a set of the products that were loaded and are still held."""
    alive: weakref.WeakSet[Any] = weakref.WeakSet()

    def made(product: Any, context: Any) -> None:
        alive.add(product)

    event.listen(Product, "load", made)
    try:
        yield alive
    finally:
        event.remove(Product, "load", made)


LESSON = Lesson(
    id="large-imports",
    number="12",
    notebook="12_large_imports",
    title="Large imports",
    promise="69,659 real orders in chunks: stopped in the middle, gone on with, and loaded again without doubling a row.",
    minutes=25,
    exercise_minutes=50,
    objectives=(
        "count what an import keeps alive, and name what holds it",
        "commit chunk by chunk, break off, and go on",
        "repeat a load with an upsert, and say what stays stale",
        "say what fits into a statement, and use COPY in a transaction",
        "read a large table in pieces, and commit in between",
    ),
    exercises=(AFeedThatNeverEnds(), GoOn(), TwiceChangesNothing(), SoldOut()),
    recall=(
        Question(
            "one-statement-for-rows",
            "`session.execute(insert(User), rows)` with 5,000 even rows, and nothing returned: how many INSERTs are sent?",
            (
                Choice("1", "Right: one statement, run by the driver with 5,000 sets of values.", True),
                Choice("5, as a page holds 1,000", "Pages are for statements that give something back."),
                Choice("5,000", "The driver runs it so often. SQLAlchemy sends it once."),
            ),
            "bulk-inserts/2",
        ),
        Question(
            "block-without-commit",
            "`async with db.sessions() as session:` holds an INSERT, and the block ends with an error. What is stored?",
            (
                Choice(
                    "Nothing: what is not committed is rolled back",
                    "Right, and without an error it is the same.",
                    True,
                ),
                Choice(
                    "What was sent before the error", "Sent is not stored. The commit makes the difference."
                ),
            ),
            "sessions/1",
        ),
    ),
    predictions=(
        Question(
            "flushed-objects",
            "4,000 objects, 1,000 at a time: `add_all`, `flush`, the next. No commit. How many are alive at most?",
            (
                Choice("1,000", "", True),
                Choice("4,000: the session keeps them until the commit", ""),
                Choice("4,000: the identity map holds them", ""),
            ),
            "large-imports/1",
        ),
        Question(
            "twice-in-a-chunk",
            "Order 7 stands twice in the rows of an upsert. PostgreSQL, once as it is, once with `returning`. What happens?",
            (
                Choice("Both times the last row wins", ""),
                Choice("Both times it raises", ""),
                Choice("As it is the last row wins, with `returning` it raises", "", True),
            ),
            "large-imports/3",
        ),
        Question(
            "copy-and-roll-back",
            "A fresh `engine.connect()`, a COPY of 1,000 rows on the driver's connection, `rollback()`. How many stay?",
            (
                Choice("0: they are rolled back", ""),
                Choice("1,000", "", True),
                Choice("It raises: a COPY needs a transaction", ""),
            ),
            "large-imports/4",
        ),
    ),
    quiz=(
        Question(
            "memory-grows",
            "An import adds 1,000 objects, flushes, and so on. Still its memory grows. Where do you look first?",
            (
                Choice(
                    "For something that holds the objects or the rows: a list, a dict, `list(feed)`",
                    "Right. The session has let go of them.",
                    True,
                ),
                Choice(
                    "For the missing commit: a session keeps everything until then",
                    "What is flushed it holds weakly, with or without a commit.",
                ),
                Choice(
                    "For a chunk size that is too large",
                    "A chunk costs its own size, once. It does not grow.",
                ),
            ),
            "large-imports/1",
        ),
        Question(
            "note-and-rows",
            "A loop commits the rows of a chunk, and then, in a second transaction, how far it is. What is wrong with it?",
            (
                Choice(
                    "After a crash between the two, the next run sends a chunk again that is stored",
                    "Right: one transaction for both, or an upsert that does not mind.",
                    True,
                ),
                Choice(
                    "Two commits for each chunk are slow",
                    "They cost something. What a wrong note costs comes later.",
                ),
                Choice(
                    "Nothing: rows first, note second is the safe order",
                    "It loses no row. It stores some twice.",
                ),
            ),
            "large-imports/2",
        ),
        Question(
            "export-with-commits",
            "An export streams with `yield_per=500` and commits after every 500 rows. Green on SQLite. And on PostgreSQL?",
            (
                Choice(
                    "It breaks off with an error of the driver, as the stream ended with the transaction",
                    "Right. Read in pages behind the last key, each in a transaction of its own.",
                    True,
                ),
                Choice(
                    "It runs: each piece of 500 is a statement of its own",
                    "It is one statement with a cursor, and the cursor lives in the transaction.",
                ),
                Choice(
                    "It ends early, without an error",
                    "There is an error, and it is asyncpg's own: `except SQLAlchemyError` does not catch it.",
                ),
            ),
            "large-imports/5",
        ),
    ),
    cheat=(
        'await load(engine, feed, write, job="...", on_progress=bar)',
        'await upsert_rows(connection, Model, rows, key=["email"])',
        "await copy_rows(connection, Model, rows)",
        ".execution_options(yield_per=500)",
    ),
    terms={
        "feed": "rows that come one after the other, of which nobody has a list",
        "chunk": "the part of a feed that is held, sent and committed together",
        "upsert": "an INSERT that updates where the key is there already",
        "COPY": "PostgreSQL's own way to take in many rows, past INSERT and past SQLAlchemy",
        "yield_per": "how many objects a stream makes at a time",
    },
)

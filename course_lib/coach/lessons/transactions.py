"""Lesson 05: where a transaction begins and ends, what an error leaves of it, and who sees it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, delete, event, func, insert, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from course_lib.coach.exercise import Choice, Exercise, Lesson, Question, Requirement
from course_lib.coach.lab import Call, Lab
from course_lib.lens import connections
from course_lib.lens.sqltext import kind_of
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine
from course_lib.shop import Order, OrderLine, Tag, User

DAY = date(1998, 7, 1)
NOBODY = -1
NO_PRODUCT = 999_999


async def _orders(db: Any) -> dict[int, tuple[Any, list[Any]]]:
    """Each order's columns and its lines, as another session sees them."""
    async with db.sessions() as session:
        orders = await session.execute(
            select(Order.id, Order.user_id, Order.ordered_on, Order.cds, Order.cents)
        )
        found: dict[int, tuple[Any, list[Any]]] = {row.id: (tuple(row)[1:], []) for row in orders}
        lines = await session.execute(
            select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity, OrderLine.cents)
        )
        for order_id, *line in lines:
            found[order_id][1].append(tuple(line))
    return found


def _order(*lines: tuple[int, int, int], user_id: int = 3) -> Order:
    return Order(
        user_id=user_id,
        ordered_on=DAY,
        cds=sum(line[1] for line in lines),
        cents=sum(line[2] for line in lines),
        lines=[OrderLine(product_id=p, quantity=q, cents=c) for p, q, c in lines],
    )


def _shown(error: BaseException | None, value: object) -> str:
    return type(error).__name__ if error else f"no error, and {value!r} was returned"


def _error(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n[SQL: ")[0]


def _ended(session: AsyncSession, transaction: Any) -> str:
    """What became of a transaction that is the caller's, in words; empty if it is still open."""
    current = session.sync_session.get_transaction()
    if transaction is not None and current is not transaction:
        return "the caller's transaction was ended"
    if session.in_nested_transaction():
        return "a savepoint was left open"
    return ""


class _Tell:
    """Told of an order, looks whether another session can read it."""

    def __init__(self, db: Any, error: Exception | None = None) -> None:
        self.db = db
        self.error = error
        self.told: list[Any] = []
        self.seen: list[bool] = []

    async def __call__(self, order_id: Any) -> None:
        self.told.append(order_id)
        await asyncio.sleep(0)
        async with self.db.sessions() as session:
            number = order_id if isinstance(order_id, int) else NOBODY
            self.seen.append(await session.get(Order, number) is not None)
        if self.error:
            raise self.error


class MailTooEarly(Exercise):
    """Move what tells the world behind the commit."""

    id = "transactions/mail-too-early"
    title = "The mail that came too early"
    defines = "order_and_tell"
    minutes = 8
    users = (7, 7, 7, 7)
    achieved = "tell others of a change when it is committed, and not before"
    requirements = {
        "stored": Requirement(
            "the order and its lines are stored, once",
            "`async with factory()` closes the session, and closing throws away what was not committed.",
            "transactions/1",
        ),
        "told": Requirement(
            "`tell` is awaited once, with the order's id",
            "The database makes the id when the INSERT is sent. Before that it is None.",
            "transactions/1",
        ),
        "after-commit": Requirement(
            "when `tell` runs, any other session can read the order",
            "`flush` sends the INSERT, and until the commit only this transaction sees the row.",
            "transactions/1",
        ),
        "nobody-told": Requirement(
            "if the database refuses the order, nobody is told",
            "`finally` runs on every way out, and so does what stands below a caught error.",
            "transactions/2",
        ),
        "refused": Requirement(
            "a refused order raises IntegrityError, and nothing of it is stored",
            "An error that is swallowed looks like success to the caller, and another one in its place hides "
            "what was refused.",
            "transactions/2",
        ),
        "tell-fails": Requirement(
            "if `tell` raises, its error reaches the caller and the order stays",
            "The caller wants to hear of a mail that was not sent. It is no reason to lose an order; and a commit "
            "cannot be rolled back.",
            "transactions/1",
        ),
        "id": Requirement(
            "the order's id is returned",
            "The id is on the object once the INSERT was sent.",
            "transactions/1",
        ),
        "given-back": Requirement(
            "afterwards no session opened here keeps a connection",
            "A session that has sent something keeps a connection until commit, rollback or close: after an error, "
            "and again after one more statement. `async with` closes on every way out.",
            "transactions/1",
        ),
    }
    hints = (
        "Where does the colleague's block commit, and where does the mail go out?",
        "What follows the commit stands behind the block that commits.",
        "`async with factory.begin() as session: session.add(order)`, and unindented below it `await tell(order.id)`.",
    )
    afterword = (
        "The block commits at its end, so the line below it runs only for an order that is stored. A refused "
        "order leaves the block by its error, past that line. `unit_of_work` in `course_lib.patterns` does the "
        "same where the use case is written in several functions."
    )
    another = """
from functools import partial

from course_lib.patterns import unit_of_work


async def order_and_tell(factory, order, tell):
    async with unit_of_work(factory) as work:
        work.session.add(order)
        await work.session.flush()
        work.after_commit(partial(tell, order.id))
    return order.id
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Place a good order, two that are refused, and one whose mail cannot be sent."""
        good = ((5, 2, 2998), (17, 1, 1499), (5, 2, 2998))
        async with lab.shop(7) as db:
            tell = _Tell(db)
            call, new = await self._place(answer, lab, db, _order(*good), tell, "a good order")
            self._is_stored(lab, "stored", new, good, call)
            if new:  # without an order there is nothing to tell
                number = next(iter(new))
                if lab.same("told", tell.told, [number], call):
                    lab.expect("after-commit", all(tell.seen), "no other session could read it then", call)
                lab.same("id", call.value, number, call)
        refused = {
            "a product that does not exist": _order(*good, (NO_PRODUCT, 1, 999)),
            "an unknown user": _order(*good, user_id=NOBODY),
        }
        for label, order in refused.items():
            async with lab.shop(7) as db:
                tell = _Tell(db)
                call, new = await self._place(answer, lab, db, order, tell, label)
                lab.expect("nobody-told", not tell.told, f"told of order {tell.told[:1]}", call)
                lab.expect(
                    "refused", isinstance(call.error, IntegrityError), _shown(call.error, call.value), call
                )
                lab.expect("refused", not new, f"{counted(len(new), 'order')} stored", call)
        async with lab.shop(7) as db:
            tell = _Tell(db, LookupError("no mail server"))
            call, new = await self._place(answer, lab, db, _order(*good), tell, "a `tell` that raises")
            if tell.told and all(tell.seen) and "stored" not in lab.broken:  # or it is said above
                self._is_stored(lab, "tell-fails", new, good, call)
                errors = call.error.exceptions if isinstance(call.error, ExceptionGroup) else (call.error,)
                found = any(isinstance(error, LookupError) for error in errors)
                lab.expect("tell-fails", found, _shown(call.error, call.value), call)

    async def _place(
        self, answer: Any, lab: Lab, db: Any, order: Order, tell: _Tell, label: str
    ) -> tuple[Call, dict[int, Any]]:
        before = set(await _orders(db))
        expected: Any = () if label == "a good order" else (SQLAlchemyError, LookupError, ExceptionGroup)
        with connections(db.engine) as pool:
            call = await lab.call(answer, db.sessions, order, tell, on=db, catch=expected, label=label)
        kept = pool.out + pool.lost
        lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept", call)
        after = await _orders(db)
        return call, {number: found for number, found in after.items() if number not in before}

    def _is_stored(self, lab: Lab, key: str, new: dict[int, Any], lines: Any, call: Call) -> None:
        if lab.expect(key, len(new) == 1, f"{counted(len(new), 'new order')} in the database", call):
            found = sorted(next(iter(new.values()))[1])
            lab.expect(key, found == sorted(lines), f"its lines are {found}", call)


class SkipTheBadRows(Exercise):
    """Keep the good rows of a list, on both backends, in somebody else's transaction."""

    id = "transactions/skip-the-bad-rows"
    title = "Skip the bad rows"
    defines = "add_users"
    minutes = 8
    users = (7, 7, 7)
    achieved = "undo one refused row, and nothing else"
    requirements = {
        "goes-on": Requirement(
            "after a refused row the transaction goes on, for the rows behind it and for the caller",
            "PostgreSQL gives up the transaction at the first error, and a session does so after a failed flush. "
            "A savepoint is a mark to go back to: the session does so when the error leaves its block.",
            "transactions/2",
        ),
        "good": Requirement(
            "every row that was not refused is added",
            "A savepoint around all rows undoes all rows. Each needs its own.",
            "transactions/3",
        ),
        "refused": Requirement(
            "the places of the refused rows are given, from 0 and in order",
            "The refusal comes when the INSERT is sent, for an `add` at the end of the block. A value that is None "
            "is refused as well, and so is the second of two equal addresses.",
            "transactions/3",
        ),
        "kept": Requirement(
            "what the caller did before, flushed or not, stays",
            "`rollback()` undoes everything since BEGIN, and not the last `add`.",
            "transactions/2",
        ),
        "callers": Requirement(
            "the transaction is the caller's: it is neither begun nor ended here, and no savepoint stays open",
            "Who opens a session decides when to commit. `begin()` raises in a transaction that has begun. A "
            "savepoint ends with its block, or by its own `commit()` or `rollback()`.",
            "transactions/1",
        ),
        "others": Requirement(
            "any other error reaches the caller",
            "`except Exception` also swallows mistakes in the program, such as a list where a text belongs.",
            "transactions/3",
        ),
    }
    hints = (
        "What does PostgreSQL do with a transaction in which a statement failed?",
        "A mark before each row, to go back to: step 3.",
        "`async with session.begin_nested():` around the INSERT of one row, and the `try` around that block.",
    )
    afterword = (
        "Each row has its savepoint. A refused one is undone to its mark, and the transaction is sound again, on "
        "both backends. What the caller had not flushed yet is flushed before the first savepoint, so it is "
        "outside of them all."
    )
    another = """
async def add_users(session, rows):
    refused = []
    for place, row in enumerate(rows):
        savepoint = await session.begin_nested()
        try:
            await session.execute(insert(User).values(**row))
        except IntegrityError:
            await savepoint.rollback()
            refused.append(place)
        else:
            await savepoint.commit()
    return refused
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Add rows to a session with work of its own, then commit it once and roll it back once."""
        for ending in ("commit", "rollback"):
            async with lab.shop(7) as db:
                await self._add(answer, lab, db, ending)
        async with lab.shop(7) as db, db.sessions() as session:
            rows = [{"name": ["Wim"], "email": "wim@example.org", "country": "NL"}]
            call = await lab.call(
                answer, session, rows, on=db, catch=Exception, label="a name that is a list"
            )
            saw = _shown(call.error, call.value)
            refused = call.error is None or isinstance(call.error, IntegrityError)
            lab.expect("others", not refused, saw, call)

    async def _add(self, answer: Any, lab: Lab, db: Any, ending: str) -> None:
        async with db.sessions() as session:
            taken = await session.scalar(select(User.email).where(User.id == 3))
        rows = [
            {"name": "Þóra", "email": "thora@example.org", "country": "IS"},
            {"name": "Łukasz", "email": taken, "country": "PL"},
            {"name": "Ōe", "email": "oe@example.org", "country": "JP"},
            {"name": "Thora", "email": "thora@example.org", "country": "DE"},
            {"name": None, "email": "none@example.org", "country": "DE"},
            {"name": "Ōe", "email": "another.oe@example.org", "country": "JP"},
            {"name": "Zoé", "email": taken, "country": "FR"},
        ]
        refused = [1, 3, 4, 6]
        async with db.sessions() as session:
            session.add(Tag(name="flushed before"))
            await session.flush()
            session.add(Tag(name="not flushed before"))
            user = await session.get(User, 2)
            user.name = "changed before"
            transaction = session.sync_session.get_transaction()
            given = [dict(row) for row in rows]
            label = f"7 rows, then the caller's {ending}"
            call = await lab.call(
                answer,
                session,
                given,
                on=db,
                returns=list,
                blame="goes-on",
                catch=(IntegrityError, InvalidRequestError),
                label=label,
            )
            if call.error:
                lab.expect(self._shown_by(call.error), False, _error(call.error), call)
                return
            try:
                await session.scalar(select(func.count()).select_from(User))
            except SQLAlchemyError as error:
                lab.expect("goes-on", False, f"{type(error).__name__} for the caller's next query", call)
                return
            ended = _ended(session, transaction)
            if ended and not await self._lives(session):
                lab.expect("kept", False, "the transaction was rolled back", call)
                return  # rows that are missing, or refused no more, follow from it
            lab.expect("callers", not ended, ended, call)
            lab.same("refused", list(call.value), refused, call)
            await getattr(session, ending)()
        async with db.sessions() as session:
            emails = set(await session.scalars(select(User.email)))
            names = {await session.scalar(select(User.name).where(User.id == 2))}
            names |= set(await session.scalars(select(Tag.name)))
        good = {row["email"] for place, row in enumerate(rows) if place not in refused}
        mine = {"flushed before", "not flushed before", "changed before"}
        if ending == "rollback":
            left = sorted(good & emails) + sorted(mine & names)
            lab.expect("callers", not left, f"after the caller's rollback there is still {left[:2]}", call)
            return
        lab.expect("good", good <= emails, f"missing: {sorted(good - emails)[:2]}", call)
        lab.expect("kept", mine <= names, f"lost: {sorted(mine - names)}", call)

    def _shown_by(self, error: BaseException) -> str:
        """The requirement that an error breaks which should not have left the answer."""
        if isinstance(error, IntegrityError):
            return "refused"  # it is not caught
        return "callers" if type(error) is InvalidRequestError and "begun" in str(error) else "goes-on"

    async def _lives(self, session: AsyncSession) -> bool:
        tag = select(Tag.id).where(Tag.name == "flushed before")
        return await session.scalar(tag) is not None


class PartOfAWhole(Exercise):
    """Store things that belong together inside a transaction that is somebody else's."""

    id = "transactions/part-of-a-whole"
    title = "Part of a whole"
    defines = "add_order"
    minutes = 10
    users = (7, 7, 7, 7, 7)
    achieved = "write a function that is all or nothing inside its caller's transaction"
    requirements = {
        "added": Requirement(
            "the order and all its lines are there once the caller has committed, with the right sums",
            "`cds` adds up quantities, not lines; and a line's cents are for the whole line.",
            "sessions/4",
        ),
        "id": Requirement(
            "the id of the new order is returned",
            "The database makes the id when the INSERT is sent. `add` sends nothing.",
            "transactions/3",
        ),
        "begun": Requirement(
            "it works in a session that is in a transaction already, and in one that is not",
            "A session has one transaction at a time, and a SELECT has begun it. `session.begin()` then raises.",
            "transactions/1",
        ),
        "callers": Requirement(
            "the transaction is the caller's: it is neither committed nor rolled back here, and no savepoint stays "
            "open",
            "A commit in here also commits what the caller had not finished. A savepoint ends with its block, or by "
            "its own `commit()` or `rollback()`.",
            "transactions/1",
        ),
        "raises": Requirement(
            "if any part is refused, IntegrityError is raised",
            "An error that is swallowed looks like success to the caller.",
            "transactions/2",
        ),
        "nothing-left": Requirement(
            "nothing of a refused order is left, in the transaction or in the session",
            "What was sent before the savepoint stays when the database goes back to it.",
            "transactions/3",
        ),
        "goes-on": Requirement(
            "after a refused order the caller's other work is there, and can be committed",
            "A failed flush ends the whole transaction, and so does `rollback()`. A savepoint keeps what was sent "
            "before it: `begin_nested()` flushes what waits, and then sets its mark.",
            "transactions/3",
        ),
    }
    hints = (
        "Two wishes at once: nothing of the order if it is refused, and everything else kept. Which step had that?",
        "`begin_nested()` may be used in any session, begun or not. It flushes at the end of its block.",
        "Build the `Order` with its lines as in lesson 04. `async with session.begin_nested(): session.add(order)`, "
        "and below it `return order.id`.",
    )
    afterword = (
        "The savepoint makes the order all or nothing without deciding about the rest. The error leaves the "
        "block, the session goes back to the mark, and the caller hears of it. The id is there because the "
        "block flushes at its end."
    )
    another = """
async def add_order(session, user_id, ordered_on, lines):
    cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
    values = {"user_id": user_id, "ordered_on": ordered_on, "cds": cds, "cents": cents}
    async with session.begin_nested():
        order_id = await session.scalar(insert(Order).values(**values).returning(Order.id))
        if lines:
            names = ("product_id", "quantity", "cents")
            rows = [{"order_id": order_id, **dict(zip(names, line, strict=True))} for line in lines]
            await session.execute(insert(OrderLine), rows)
    return order_id
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Add good orders to a fresh session and to a busy one, then orders that are refused."""
        good = [(5, 2, 2998), (17, 1, 0), (5, 2, 2998)]
        for busy, ending in ((False, "commit"), (True, "commit"), (True, "rollback")):
            async with lab.shop(7) as db:
                await self._good(answer, lab, db, good, busy=busy, ending=ending)
        refused = {
            "the last line is refused": (3, [*good, (NO_PRODUCT, 1, 999)]),
            "the user is unknown": (NOBODY, good),
        }
        for label, (user_id, lines) in refused.items():
            async with lab.shop(7) as db:
                await self._refused(answer, lab, db, user_id, lines, label)

    async def _good(self, answer: Any, lab: Lab, db: Any, lines: Any, *, busy: bool, ending: str) -> None:
        before = set(await _orders(db))
        where = "a session in a transaction" if busy else "a fresh session"
        label = f"{where}, then the caller's {ending}"
        async with db.sessions() as session:
            if busy:
                await self._work(session)
            transaction = session.sync_session.get_transaction()
            call = await lab.call(
                answer, session, 3, DAY, list(lines), on=db, catch=InvalidRequestError, label=label
            )
            if call.error:
                lab.expect("begun", False, f"{type(call.error).__name__}: {call.error}", call)
                return
            ended = _ended(session, transaction)
            lab.expect("callers", not ended, ended, call)
            lab.expect("id", isinstance(call.value, int), f"{call.value!r} was returned", call)
            await getattr(session, ending)()
        new = {number: found for number, found in (await _orders(db)).items() if number not in before}
        if ending == "rollback":
            lab.expect("callers", not new, "the order is there after the caller's rollback", call)
            tags = await self._tags(db)
            lab.expect("callers", not tags, f"after the caller's rollback there is still {tags}", call)
            return
        if not lab.expect("added", len(new) == 1, f"{counted(len(new), 'new order')} in the database", call):
            return
        number, (columns, found) = next(iter(new.items()))
        if isinstance(call.value, int):
            lab.same("id", call.value, number, call)
        lab.same("added", columns, (3, DAY, 5, 5996), call)
        lab.expect("added", sorted(found) == sorted(lines), f"its lines are {sorted(found)}", call)

    async def _refused(
        self, answer: Any, lab: Lab, db: Any, user_id: int, lines: list[Any], label: str
    ) -> None:
        before = await _orders(db)
        async with db.sessions() as session:
            await self._work(session)
            transaction = session.sync_session.get_transaction()
            call = await lab.call(
                answer, session, user_id, DAY, list(lines), on=db, catch=SQLAlchemyError, label=label
            )
            if type(call.error) is InvalidRequestError:  # "A transaction is already begun"
                lab.expect("begun", False, f"{type(call.error).__name__}: {call.error}", call)
                return
            lab.expect("raises", isinstance(call.error, IntegrityError), _shown(call.error, call.value), call)
            held = [item for item in session if isinstance(item, Order | OrderLine)]
            pending = [item for item in session.new if isinstance(item, Order | OrderLine)]
            saw = f"the session still holds {(held + pending)[:1]}"
            if not lab.expect("nothing-left", not held and not pending, saw, call):
                return
            try:
                await session.scalar(select(func.count()).select_from(User))
                lost = _ended(session, transaction)
                await session.commit()
            except SQLAlchemyError as error:
                lost = f"{type(error).__name__} when the caller went on"
            lab.expect("goes-on", not lost, lost, call)
        if lost:
            return
        saw = "an order more, or lines more, after the caller's commit"
        lab.expect("nothing-left", await _orders(db) == before, saw, call)
        tags = await self._tags(db)
        lab.expect("goes-on", len(tags) == 2, f"of two tags of the caller's there is {tags}", call)

    async def _work(self, session: AsyncSession) -> None:
        """What the caller did before: one tag that is flushed, and one that is not."""
        session.add(Tag(name="flushed before"))
        await session.flush()
        session.add(Tag(name="not flushed before"))

    async def _tags(self, db: Any) -> list[str]:
        async with db.sessions() as session:
            return list(await session.scalars(select(Tag.name).where(Tag.name.like("%flushed before"))))


class OnePicture(Exercise):
    """Read several figures of one moment."""

    id = "transactions/one-picture"
    title = "One picture"
    defines = "totals"
    core = False
    minutes = 10
    backends = ("postgresql",)
    users = (0, 7, 7)
    achieved = "read several figures of one moment"
    requirements = {
        "figures": Requirement(
            "the three figures are right, and a shop without orders has 0 cents",
            "A sum over no rows is NULL, which arrives as None. And a join counts a user once for each order.",
            "transactions/5",
        ),
        "one-moment": Requirement(
            "all three figures belong to one moment, whatever others commit meanwhile",
            "With READ COMMITTED each statement has a picture of its own, also inside one transaction.",
            "transactions/5",
        ),
        "given-back": Requirement(
            "afterwards every connection is back in the pool",
            "A connection that is not closed stays borrowed.",
            "transactions/1",
        ),
        "as-before": Requirement(
            "whoever borrows a connection next has the usual isolation level",
            "What is set for the session of the server stays on the connection when it goes back to the pool.",
            "transactions/5",
        ),
    }
    hints = (
        "How often does PostgreSQL take a new picture, by default?",
        "Either one statement for all three figures, or one picture for the whole transaction.",
        '`engine.execution_options(isolation_level="REPEATABLE READ").connect()`, and `or 0` for the sum.',
    )
    afterword = (
        "REPEATABLE READ takes its picture at the first statement and keeps it. `execution_options` sets the "
        "level on each connection it borrows, and SQLAlchemy sets it back when the connection returns. One "
        "statement with three subqueries has one picture at any level."
    )
    another = """
async def totals(engine):
    statement = select(
        select(func.count()).select_from(User).scalar_subquery().label("users"),
        select(func.count()).select_from(Order).scalar_subquery().label("orders"),
        select(func.coalesce(func.sum(Order.cents), 0)).scalar_subquery().label("cents"),
    )
    async with engine.connect() as connection:
        return dict((await connection.execute(statement)).mappings().one())
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask an empty shop, a quiet one, and one where others sell before each SELECT."""
        for users in (0, 7):
            async with lab.shop(users) as db:
                state = await self._state(db.engine)
                call = await self._ask(answer, lab, db, "no users" if users == 0 else "a quiet shop")
                lab.same("figures", _figures(call.value), state, call)
        async with lab.shop(7) as db:
            others = make_engine(db.url)
            states = [await self._state(others)]

            async def sell() -> None:
                async with others.begin() as connection:
                    number = 900_000 + len(states)
                    person = {"name": "N", "email": f"{number}@example.org", "country": "DE"}
                    await connection.execute(insert(User).values(id=number, **person))
                    order = {"id": number, "user_id": number, "ordered_on": DAY, "cds": 1, "cents": 999}
                    await connection.execute(insert(Order).values(**order))
                    if len(states) == 3:  # one goes, so that a figure can also fall
                        await connection.execute(delete(Order).where(Order.id == number - 1))
                states.append(await self._state(others))

            try:
                with _before_each_select(sell, but=others):
                    call = await self._ask(answer, lab, db, "others sell meanwhile")
                if "figures" in lab.broken:
                    return  # wrong at any moment
                seen = _figures(call.value)
                saw = f"{seen}, and no moment had these figures"
                lab.expect("one-moment", seen in states, saw, call)
            finally:
                await others.dispose()

    async def _ask(self, answer: Any, lab: Lab, db: Any, label: str) -> Call:
        with connections(db.engine) as pool:
            call = await lab.call(answer, db.engine, on=db, returns=dict, label=label)
        kept = pool.out + pool.lost
        lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept", call)
        held, levels = [], set()
        for _ in range(max(db.engine.pool.checkedin(), 1)):
            held.append(await db.engine.connect())
            levels.add(await held[-1].scalar(select(func.current_setting("transaction_isolation"))))
        for connection in held:
            await connection.close()
        saw = f"the next one to borrow a connection gets {' or '.join(sorted(levels))}"
        lab.expect("as-before", levels == {"read committed"}, saw, call)
        return call

    async def _state(self, engine: Any) -> dict[str, int]:
        async with engine.connect() as connection:
            return {
                "users": await connection.scalar(select(func.count()).select_from(User)),
                "orders": await connection.scalar(select(func.count()).select_from(Order)),
                "cents": await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0))),
            }


def _figures(value: dict[str, Any]) -> dict[str, Any]:
    """The three figures as plain numbers: a database may send a sum as a Decimal."""
    return {
        key: int(number) if number is not None and not isinstance(number, bool | str) else number
        for key, number in value.items()
    }


@contextmanager
def _before_each_select(action: Callable[[], Awaitable[None]], *, but: AsyncEngine) -> Iterator[None]:
    """Have `action` run and end before each SELECT, one after the other, whichever engine sends it, but one."""
    turn = asyncio.Lock()

    def judged(connection: Connection, statement: str) -> bool:
        return connection.engine is not but.sync_engine and kind_of(statement) == "SELECT"

    def before(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if judged(connection, statement):

            async def wait(_: Any) -> None:
                await turn.acquire()
                await action()

            connection.connection.dbapi_connection.run_async(wait)  # type: ignore[union-attr]

    def after(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if judged(connection, statement):
            turn.release()

    def failed(context: ExceptionContext) -> None:
        if context.connection is not None and judged(context.connection, context.statement or ""):
            turn.release()

    listeners: tuple[tuple[str, Any], ...] = (
        ("before_cursor_execute", before),
        ("after_cursor_execute", after),
        ("handle_error", failed),
    )
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


LESSON = Lesson(
    id="transactions",
    number="05",
    notebook="05_transactions",
    title="Transactions",
    promise="See where a transaction begins and ends, save the good rows when a bad one is refused, and find out "
    "what others see meanwhile.",
    minutes=25,
    exercise_minutes=35,
    objectives=(
        "say which lines of a program begin, commit and roll back a transaction",
        "predict what a refused row leaves, on both backends",
        "keep the good rows with savepoints",
        "tell an SQLite engine that keeps its word from others",
        "choose what a transaction sees of the others",
    ),
    exercises=(MailTooEarly(), SkipTheBadRows(), PartOfAWhole(), OnePicture()),
    recall=(
        Question(
            "add-is-not-insert",
            "`session.add(tag)` was called, and nothing else since. Has an INSERT been sent?",
            (
                Choice(
                    "No: the tag is pending", "Right: flush or commit sends it, and so does a query.", True
                ),
                Choice(
                    "Yes", "`add` says that the object belongs to the session. The INSERT comes at the flush."
                ),
                Choice(
                    "Yes, but it is not committed", "That is how it is after a flush. `add` sends nothing."
                ),
            ),
            "sessions/4",
        ),
        Question(
            "connect-or-begin",
            "`async with engine.connect() as connection:` holds an INSERT, and ends well. Is the row kept?",
            (
                Choice("No: the end of this block does not commit", "Right: `engine.begin()` would.", True),
                Choice(
                    "Yes: the block ended without an error", "`engine.begin()` is the block that commits."
                ),
            ),
            "engine/2",
        ),
    ),
    predictions=(
        Question(
            "begin-after-read",
            "A session has read one tag. Now comes `async with session.begin():`. What happens?",
            (
                Choice("It goes on in the transaction that the SELECT began", ""),
                Choice("It raises", "", True),
                Choice("It sets a savepoint in the open transaction", ""),
            ),
            "transactions/1",
        ),
        Question(
            "caught-and-committed",
            "Polka goes in, a second jazz is refused, the error is caught, and `commit()` raises nothing. Is polka "
            "in the database?",
            (
                Choice("Yes, on both backends: the commit went well", ""),
                Choice("On SQLite yes, on PostgreSQL no", "", True),
                Choice("On PostgreSQL yes, on SQLite no", ""),
                Choice("No, on neither: the error undid everything", ""),
            ),
            "transactions/2",
        ),
        Question(
            "savepoint-plain-engine",
            "A row inside a savepoint, the savepoint released, then the session rolled back. On SQLite, is the row "
            "in the database?",
            (
                Choice("No, with neither engine: rolled back is rolled back", ""),
                Choice("With `create_async_engine` yes, with `make_engine` no", "", True),
                Choice("With `make_engine` yes, with `create_async_engine` no", ""),
                Choice("Yes, with both: a released savepoint is kept", ""),
            ),
            "transactions/4",
        ),
    ),
    quiz=(
        Question(
            "rollback-in-a-loop",
            "A loop adds a hundred objects and flushes each. On IntegrityError it calls `session.rollback()` and "
            "goes on. After the loop it commits. What is stored if number 60 was refused?",
            (
                Choice(
                    "99 objects", "That takes a savepoint around each. `rollback()` knows no last object."
                ),
                Choice(
                    "The last 40",
                    "Right: the rollback undid 1 to 59 as well, and nobody complained.",
                    True,
                ),
                Choice("The first 59", "They were flushed, but not committed: the rollback undid them."),
            ),
            "transactions/2",
        ),
        Question(
            "where-the-try-stands",
            "`async with session.begin_nested():` holds `try: session.add(tag)` and `except IntegrityError: ...`. "
            "The name is taken. What happens?",
            (
                Choice(
                    "The error leaves the block past the except",
                    "Right: the INSERT is sent at the end of the block, after the `try`.",
                    True,
                ),
                Choice("The except catches it", "`add` sends nothing, so nothing is refused there yet."),
                Choice(
                    "The savepoint swallows the error",
                    "It goes back to its mark, and the error goes on to whoever is outside.",
                ),
            ),
            "transactions/3",
        ),
        Question(
            "two-counts",
            "On PostgreSQL, one session counts the orders twice in one transaction, at the default level. Others "
            "commit meanwhile. What can it see?",
            (
                Choice(
                    "Twice the same: a transaction has one picture",
                    "That is REPEATABLE READ. The default is READ COMMITTED.",
                ),
                Choice(
                    "Two different counts",
                    "Right: at READ COMMITTED each statement has its own picture.",
                    True,
                ),
                Choice(
                    "Also orders that are not committed",
                    "No level of PostgreSQL shows those.",
                ),
            ),
            "transactions/5",
        ),
    ),
    cheat=(
        "async with session.begin_nested(): ...",
        "watch(engine, transactions=True)",
        'engine.execution_options(isolation_level="REPEATABLE READ")',
    ),
    terms={
        "transaction": "a piece of work that the database keeps as a whole or not at all",
        "autobegin": "a session or connection begins a transaction with its first statement, by itself",
        "rollback": "the end of a transaction that undoes all of it",
        "savepoint": "a mark inside a transaction that the database can go back to",
        "isolation level": "what a transaction sees of what others commit while it is under way",
    },
)

"""Lesson 04: what a session commits, gives back, knows and holds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, event, inspect, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError, NoResultFound, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.coach.exercise import Choice, Exercise, Lesson, Question, Requirement
from course_lib.coach.lab import CaseEnded, Lab
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens import connections
from course_lib.lens.sqltext import kind_of
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, OrderLine, Tag, User

VISITOR = 23_571
"""The one user without any order in a shop of seven."""


def _done_to(session: AsyncSession, transaction: Any, objects: Iterable[object]) -> str:
    """What an answer did to its caller's session, in words; empty if it left it alone."""
    if session.sync_session.get_transaction() is not transaction:
        return "the caller's transaction was ended"
    for item in objects:
        if item not in session:
            return f"the session no longer knows {item!r}"
        if inspect(item).expired:
            return f"{item!r} was expired"
    return ""


class UsersByCountry(Exercise):
    """Mend a function that reads one result again and again."""

    id = "sessions/users-by-country"
    title = "Users by country"
    defines = "users_by_country"
    minutes = 6
    users = (0, 7)
    achieved = "read a result once and use it as often as you like"
    requirements = {
        "complete": Requirement(
            "each country that was asked for, and no other, has all its users",
            "A result is a stream. The first loop reads it to its end, and the next one finds nothing.",
            "sessions/2",
        ),
        "nobody": Requirement(
            "a country without users has an empty list",
            "A country that appears in no row appears in no dictionary made of the rows.",
            "sessions/2",
        ),
        "order": Requirement(
            "the users of a country come by id",
            "Without ORDER BY the database chooses the order, and may choose another one tomorrow.",
            "sessions/2",
        ),
        "objects": Requirement(
            "each value is a list of User objects",
            "`execute` gives Rows, even for one entity. `scalars` takes the first column of each.",
            "sessions/2",
        ),
        "budget": Requirement(
            "at most one statement is sent, for any number of countries",
            "A query for each country mends the result, and its price grows with the list.",
            "sessions/2",
        ),
        "callers": Requirement(
            "the caller's session is left as it was: open, in its transaction, and it knows its objects",
            "Who opens a session closes it, and decides when to commit. This one was lent to you.",
            "sessions/1",
        ),
    }
    hints = (
        "How often is the result read, and what does the second reading find? Try it in a cell.",
        "Make the dictionary first, with an empty list for each country. Then read the result once.",
        "`for user in await session.scalars(...)`: append each user to the list of `user.country`.",
    )
    afterword = (
        "The result is read once, and each user is put where it belongs. The empty lists were there before, "
        "so a country without users needs no special case."
    )
    another = """
async def users_by_country(session, countries):
    statement = select(User).where(User.country.in_(countries)).order_by(User.id)
    users = (await session.scalars(statement)).all()
    return {country: [user for user in users if user.country == country] for country in countries}
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask an empty shop and a mixed one for three countries, one of them without users."""
        async with lab.shop(0) as db, db.sessions() as session:
            await self._ask(answer, lab, db, session, {"FR": [], "DE": []}, "no users")
        async with lab.shop(7) as db:
            homes = {1: "FR", 2: "DE", 3: "FR", 4: "DE", 5: "JP", 6: "FR", VISITOR: "DE"}
            async with db.engine.begin() as connection:
                for user_id, country in homes.items():
                    await connection.execute(update(User).where(User.id == user_id).values(country=country))
            await no_luck_with_order(db, User)
            wanted = {
                country: sorted(user_id for user_id, home in homes.items() if home == country)
                for country in ("FR", "IT", "DE")
            }
            async with db.sessions() as session:
                tag = await session.get(Tag, 1)  # the caller's, and so is the transaction it opens
                await self._ask(answer, lab, db, session, wanted, "7 users", tag)

    async def _ask(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        session: AsyncSession,
        wanted: dict[str, list[int]],
        label: str,
        *kept: object,
    ) -> None:
        transaction = session.sync_session.get_transaction()
        call = await lab.call(answer, session, list(wanted), on=db, returns=dict, label=label)
        lab.expect("budget", call.sent <= 1, f"{call.sent} statements for {len(wanted)} countries", call)
        done = _done_to(session, transaction, kept) if kept else ""
        if not lab.expect("callers", not done, done, call):
            return
        strangers = [key for key in call.value if key not in wanted]
        lab.expect("complete", not strangers, f"nobody asked for {strangers[:3]!r}", call)
        for country, ids in wanted.items():
            if country not in call.value:
                key = "complete" if ids else "nobody"
                lab.expect(key, False, f"{country} is not in the dictionary", call)
                continue
            found = call.value[country]
            if not isinstance(found, list):
                saw = f"{country} has {type(found).__name__} instead of a list"
                lab.expect("objects" if ids else "nobody", False, saw, call)
                continue
            rows = [item for item in found if isinstance(item, Row)]
            lab.expect("objects", not rows, f"{country} holds Rows such as {rows[:1]!r}", call)
            users = [item[0] if isinstance(item, Row) else item for item in found]
            if not lab.expect(
                "objects",
                all(isinstance(user, User) for user in users),
                f"{country} holds {found[:2]!r}",
                call,
            ):
                continue
            if not ids:
                empty = call.value[country] == []
                lab.expect("nobody", empty, f"{country} has {call.value[country]!r}", call)
                continue
            seen = [user.id for user in users]
            if lab.expect("complete", sorted(seen) == ids, f"{country} has users {seen} for {ids}", call):
                lab.expect("order", seen == ids, f"{country} has users {seen}", call)


class AllOrNothing(Exercise):
    """Commit an order with all its lines, or nothing."""

    id = "sessions/all-or-nothing"
    title = "All or nothing"
    defines = "place_order"
    minutes = 8
    users = (7, 7, 7)
    achieved = "store things that belong together as a whole, or not at all"
    requirements = {
        "stored": Requirement(
            "afterwards another session can read the order and all its lines",
            "`async with factory()` closes the session, and closing throws away what was not committed.",
            "sessions/1",
        ),
        "cds": Requirement(
            "the order's cds are the quantities of its lines added up",
            "A line can be for several CDs: the number of lines is not the number of CDs.",
            "sessions/4",
        ),
        "cents": Requirement(
            "the order's cents are the cents of its lines added up",
            "A line's cents are for the whole line. They are not multiplied by its quantity.",
            "sessions/4",
        ),
        "id": Requirement(
            "the id of the new order is returned",
            "The database makes the id when the INSERT is sent: at flush or commit.",
            "sessions/4",
        ),
        "whole": Requirement(
            "order and lines are committed together, by one commit, and nothing of them if any part is refused",
            "Between two commits everybody sees half an order, and it stays if the program dies there. "
            "One commit, at the end, keeps the parts together.",
            "sessions/1",
        ),
        "raises": Requirement(
            "if any part is refused, IntegrityError is raised",
            "An error that is swallowed looks like success to the caller.",
            "sessions/1",
        ),
        "given-back": Requirement(
            "afterwards no session opened here keeps a connection, also if an error was raised",
            "An error skips the `close()` behind it. `async with` closes on every way out.",
            "sessions/1",
        ),
    }
    hints = (
        "Which of the factory's two ways to open a session commits?",
        "Give the `Order` its lines as `OrderLine` objects: `Order(..., lines=[...])`. Adding it adds them.",
        "`async with factory.begin() as session:`, `session.add(order)`, and after the block `return order.id`.",
    )
    afterword = (
        "`factory.begin()` commits at the end of the block, and rolls back when an error leaves it. The error "
        "goes on to the caller by itself. Order and lines are sent in one transaction, in the order in which "
        "the foreign keys need them."
    )
    another = """
async def place_order(factory, user_id, ordered_on, lines):
    async with factory() as session:
        cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
        await session.flush()  # the order has its id now, and is not committed
        order_id = order.id
        for product_id, quantity, price in lines:
            session.add(
                OrderLine(order_id=order_id, product_id=product_id, quantity=quantity, cents=price)
            )
        await session.commit()
        return order_id
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Place a good order, one whose last line is refused, and one of an unknown user."""
        day = date(1998, 7, 1)
        good = [(5, 2, 2998), (17, 1, 0), (5, 2, 2998)]
        async with lab.shop(7) as db:
            before = set((await _state_of_orders(db))[0])
            with connections(db.engine) as pool, _commits_that_wrote(db) as commits:
                call = await lab.call(
                    answer, db.sessions, 3, day, list(good), on=db, returns=int, label="a good order"
                )
            saw = f"{counted(len(commits), 'commit')} wrote something"
            lab.expect("whole", len(commits) < 2, saw, call)
            self._given_back(lab, pool, call)
            orders, lines = await _state_of_orders(db)
            new = [number for number in orders if number not in before]
            if lab.expect("stored", len(new) == 1, f"{len(new)} new orders are in the database", call):
                number = new[0]
                user_id, ordered_on, cds, cents = orders[number]
                right = (user_id, ordered_on) == (3, day)
                lab.expect("stored", right, f"the order is of user {user_id}, on {ordered_on}", call)
                found = sorted(lines.get(number, []))
                lab.expect("stored", found == sorted(good), f"its lines are {found}", call)
                lab.expect("cds", cds == 5, f"{cds} cds instead of 5", call)
                lab.expect("cents", cents == 5996, f"{cents} cents instead of 5996", call)
                lab.same("id", call.value, number, call)
        refused = {
            "the last line is refused": (3, [*good, (999_999, 1, 999)]),
            "the user is unknown": (-1, list(good)),
        }
        for label, (user_id, wanted) in refused.items():
            async with lab.shop(7) as db:
                state = await _state_of_orders(db)
                with connections(db.engine) as pool:
                    call = await lab.call(
                        answer, db.sessions, user_id, day, wanted, on=db, catch=SQLAlchemyError, label=label
                    )
                self._given_back(lab, pool, call)
                saw = (
                    type(call.error).__name__ if call.error else f"no error, and {call.value!r} was returned"
                )
                lab.expect("raises", isinstance(call.error, IntegrityError), saw, call)
                after = await _state_of_orders(db)
                more = len(after[0]) - len(state[0]), _count(after[1]) - _count(state[1])
                saw = f"the database has {counted(more[0], 'order')} and {counted(more[1], 'line')} more"
                lab.expect("whole", after == state, saw, call)

    def _given_back(self, lab: Lab, pool: Any, call: Any) -> None:
        kept = pool.out + pool.lost
        lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept", call)


@contextmanager
def _commits_that_wrote(db: Any) -> Iterator[list[Connection]]:
    """Note each commit of a connection that had sent an INSERT, UPDATE or DELETE since its last commit."""
    wrote: set[Connection] = set()
    commits: list[Connection] = []

    def sent(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if kind_of(statement) in ("INSERT", "UPDATE", "DELETE"):
            wrote.add(connection)

    def committed(connection: Connection) -> None:
        if connection in wrote:
            commits.append(connection)
        wrote.discard(connection)

    def rolled_back(connection: Connection) -> None:
        wrote.discard(connection)

    listeners: tuple[tuple[str, Any], ...] = (
        ("after_cursor_execute", sent),
        ("commit", committed),
        ("rollback", rolled_back),
    )
    for name, listener in listeners:
        event.listen(db.engine.sync_engine, name, listener)
    try:
        yield commits
    finally:
        for name, listener in listeners:
            event.remove(db.engine.sync_engine, name, listener)


async def _state_of_orders(db: Any) -> tuple[dict[int, Any], dict[int, list[Any]]]:
    async with db.sessions() as session:
        orders = await session.execute(
            select(Order.id, Order.user_id, Order.ordered_on, Order.cds, Order.cents)
        )
        rows = await session.execute(
            select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity, OrderLine.cents).order_by(
                OrderLine.id
            )
        )
        lines: dict[int, list[Any]] = {}
        for order_id, *line in rows:
            lines.setdefault(order_id, []).append(tuple(line))
        return {row.id: tuple(row)[1:] for row in orders}, lines


def _count(lines: dict[int, list[Any]]) -> int:
    return sum(map(len, lines.values()))


class FindWhatLeaks(Exercise):
    """Find the ways out of a function on which a session keeps its connection."""

    id = "sessions/find-what-leaks"
    title = "Find what leaks"
    defines = "rename"
    minutes = 8
    users = (7, 7, 7)
    achieved = "find the ways out of a function on which a connection is kept"
    requirements = {
        "stored": Requirement(
            "another session can read the new name, and no other user's name is changed",
            "Closing a session throws away what was not committed. And `LIKE` takes `_` for any character.",
            "sessions/1",
        ),
        "unknown": Requirement(
            "an unknown address gives False",
            "`one()` raises where nothing is found, and an UPDATE without a match is no error.",
            "sessions/2",
        ),
        "refused": Requirement(
            "a name that the database refuses raises IntegrityError and changes nothing",
            "An error that is swallowed looks like an answer to the caller.",
            "sessions/1",
        ),
        "given-back": Requirement(
            "after a rename, and after an unknown address, no connection is kept",
            "A `return` before `close()` is a way out, and so is a statement after the commit.",
            "sessions/5",
        ),
        "given-back-on-error": Requirement(
            "after an error no connection is kept",
            "An exception skips the `close()` at the end of the function.",
            "sessions/5",
        ),
    }
    hints = (
        "Count the ways out of this function. On which of them is the session closed? And which call is never run?",
        "`async with` closes on every way out. `await` is missing once: lesson 01.",
        "`async with factory.begin() as session:` around everything: it commits, rolls back and closes.",
    )
    afterword = (
        "There are three ways out: the early return, the error, and the end. `async with` covers all three. "
        "The commit was never awaited, so it never ran; `begin()` commits without such a line."
    )
    another = """
from sqlalchemy import update


async def rename(factory, email, name):
    async with factory.begin() as session:
        result = await session.execute(update(User).where(User.email == email).values(name=name))
        return result.rowcount == 1
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Rename a known user and an unknown one, and use a name that the database refuses."""
        new = "Þóra Ōe-O'Neill"
        address = "reader_3@example.org"
        async with lab.shop(7) as db:
            async with db.engine.begin() as connection:
                # Whoever compares with LIKE also finds the users before and behind.
                for user_id, email in (2, "reader-3@example.org"), (3, address), (4, "reader.3@example.org"):
                    await connection.execute(update(User).where(User.id == user_id).values(email=email))
            wanted = {**await _names(db), address: new}
            with connections(db.engine) as pool:
                call = await lab.call(
                    answer,
                    db.sessions,
                    address,
                    new,
                    on=db,
                    returns=bool,
                    label="a known address",
                )
            kept = pool.out + pool.lost
            lab.expect("given-back", kept == 0, f"{counted(kept, 'connection')} kept after a rename", call)
            names = await _names(db)
            changed = [address for address, name in names.items() if name != wanted[address]]
            lab.expect("stored", not changed, f"the name is wrong for {', '.join(changed[:3])}", call)
            lab.expect("stored", call.value is True, f"{call.value!r} for a user that was renamed", call)
        async with lab.shop(7) as db:
            before = await _names(db)
            with connections(db.engine) as pool:
                call = await lab.call(
                    answer,
                    db.sessions,
                    "nobody@example.org",
                    new,
                    on=db,
                    catch=(NoResultFound, AttributeError),
                    label="an unknown address",
                )
            saw = type(call.error).__name__ if call.error else repr(call.value)
            lab.expect("unknown", call.error is None and call.value is False, f"{saw} for nobody", call)
            kept = pool.out + pool.lost
            lab.expect(
                "given-back", kept == 0, f"{counted(kept, 'connection')} kept after an unknown address", call
            )
            lab.expect("stored", await _names(db) == before, "an unknown address changed a name", call)
        async with lab.shop(7) as db:
            before = await _names(db)
            with connections(db.engine) as pool:
                call = await lab.call(
                    answer,
                    db.sessions,
                    "reader3@example.org",
                    None,
                    on=db,
                    catch=SQLAlchemyError,
                    label="a refused name",
                )
            saw = type(call.error).__name__ if call.error else f"no error, and {call.value!r} was returned"
            lab.expect("refused", isinstance(call.error, IntegrityError), saw, call)
            kept = pool.out + pool.lost
            lab.expect(
                "given-back-on-error", kept == 0, f"{counted(kept, 'connection')} kept after an error", call
            )
            lab.expect("refused", await _names(db) == before, "a name was changed all the same", call)


async def _names(db: Any) -> dict[str, str]:
    async with db.sessions() as session:
        rows = await session.execute(select(User.email, User.name))
        return {email: name for email, name in rows}


class AlreadyHere(Exercise):
    """Use what the session knows, and ask for the rest at once."""

    id = "sessions/already-here"
    title = "Who is here already?"
    defines = "users_for"
    core = False
    minutes = 8
    users = (7,)
    achieved = "use the identity map on purpose"
    requirements = {
        "places": Requirement(
            "each place holds the user whose id stands there",
            "`IN` gives rows in the database's order. And a session knows objects of every class.",
            "sessions/3",
        ),
        "twice": Requirement(
            "an id that is given twice gives its user twice",
            "`IN`, a set and a dictionary know each id once.",
            "sessions/3",
        ),
        "missing": Requirement(
            "an id without a user gives None in its place",
            "A row that is not there is not in the result. Somebody has to notice.",
            "sessions/3",
        ),
        "known": Requirement(
            "users that the session knows are not fetched again, and nothing is sent if it knows them all",
            "A query is sent, and its rows are fetched, even if the objects are in the identity map.",
            "sessions/3",
        ),
        "budget": Requirement(
            "at most one statement is sent",
            "`get` looks in the identity map, and sends a statement for each user that is not there.",
            "sessions/3",
        ),
        "callers": Requirement(
            "the caller's session is left as it was: open, and it still knows its objects",
            "An object that was expunged is detached: changes to it are no longer saved.",
            "sessions/4",
        ),
    }
    hints = (
        "Which objects does the session know? Step 3 of the lesson printed them.",
        "`for item in session` gives every object it knows, of every class. Which ids are lacking then?",
        "Make a dictionary of id to user from `session`, add one query for the lacking ids, then walk through `ids`.",
    )
    afterword = (
        "The dictionary begins with what the session knows. One query brings the rest, and walking through "
        "`ids` gives order, repetition and None at once. The dictionary also holds the objects, so that the "
        "weak identity map cannot lose one on the way."
    )
    another = """
from sqlalchemy.orm.util import identity_key


async def users_for(session, ids):
    here = {number: session.identity_map.get(identity_key(User, number)) for number in ids}
    lacking = [number for number, user in here.items() if user is None]
    if lacking:
        for user in await session.scalars(select(User).where(User.id.in_(lacking))):
            here[user.id] = user
    return [here[number] for number in ids]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask for users that are known, for users that are not, and for nobody."""
        async with lab.shop(7) as db:
            await no_luck_with_order(db, User)
            async with db.sessions() as session:
                kept = list(await session.scalars(select(User).where(User.id < 4)))
                kept += list(await session.scalars(select(Tag)))
                for ids in ([3, 1, 2], [], [5, VISITOR, 2, 4], [3, 1, 3, 6, 6], [6, -1, 1], [-1]):
                    await self._ask(answer, lab, db, session, ids)
                assert len(kept) > 3  # held until here

    async def _ask(self, answer: Any, lab: Lab, db: Any, session: AsyncSession, ids: list[int]) -> None:
        known = list(session)  # held while the answer runs, or the session might forget one
        lacking = set(ids) - {item.id for item in known if isinstance(item, User)}
        transaction = session.sync_session.get_transaction()
        label = f"the ids {ids}" + ("" if lacking else ", all of them known")
        call = await lab.call(
            answer,
            session,
            list(ids),
            on=db,
            returns=list,
            of=(User, Tag, type(None)),
            label=label,
        )
        lab.expect("budget", call.sent <= 1, f"{call.sent} statements for {label}", call)
        saw = f"{counted(call.sent, 'statement')} and {counted(call.rows, 'row')}"
        right = call.rows <= len(lacking) if lacking else call.sent == 0
        lab.expect(
            "known", right, f"{saw}, for {counted(len(lacking), 'user')} the session did not know", call
        )
        users = [item for item in call.value if isinstance(item, User)]
        done = _done_to(session, transaction, [*known, *users])
        if not lab.expect("callers", not done, done, call):
            raise CaseEnded
        found = list(call.value)
        classes = [type(item).__name__ for item in found if not isinstance(item, User | None)]
        if not lab.expect("places", not classes, f"a {''.join(classes[:1])} is among them for {label}", call):
            return
        seen = [user and user.id for user in found]
        wanted = [number if number > 0 else None for number in ids]
        shown = f"{seen} for {label}"
        if seen == wanted:
            return
        there = Counter(number for number in seen if number is not None)
        forgotten = None in wanted and seen.count(None) != wanted.count(None)
        once = set(there) == {number for number in wanted if number} and there != Counter(
            filter(None, wanted)
        )
        lab.expect("missing", not forgotten, shown, call)
        lab.expect("twice", not once, shown, call)
        lab.expect("places", forgotten or once, shown, call)


LESSON = Lesson(
    id="sessions",
    number="04",
    notebook="04_sessions",
    title="Sessions",
    promise="Open sessions, read what a query really gives you, and tell what a session knows, saves and holds.",
    minutes=25,
    exercise_minutes=30,
    objectives=(
        "say whether a block of code commits, and make it commit",
        "take objects, one object or nothing out of a result, and read it once",
        "predict whether fetching by key sends a statement",
        "name the state of an object and what becomes of a change to it",
        "find the session that keeps a connection",
    ),
    exercises=(UsersByCountry(), AllOrNothing(), FindWhatLeaks(), AlreadyHere()),
    recall=(
        Question(
            "forgotten-await",
            "An `async def` function is called, and the `await` is forgotten. What happens?",
            (
                Choice(
                    "Nothing of it runs; you hold a coroutine",
                    "Right: and Python warns, later, that it was never awaited.",
                    True,
                ),
                Choice(
                    "It runs in the background",
                    "Only a task runs beside you. A coroutine waits until somebody awaits it.",
                ),
                Choice("It runs, and the result is lost", "It does not run at all: not a line of it."),
            ),
            "await-and-tasks/1",
        ),
        Question(
            "what-n-plus-one-is",
            "A list of 100 users, and then one more statement for each user. What is that called?",
            (
                Choice("N+1", "Right: one for the list, and N more.", True),
                Choice("A batch", "A batch sends many in one statement. This is the opposite."),
                Choice(
                    "Eager loading", "That would bring everything with the list, in one or two statements."
                ),
            ),
            "start-here/2",
        ),
    ),
    predictions=(
        Question(
            "leave-the-block",
            "`session.add(tag)` in an `async with db.sessions()` block that ends without an error: what is stored?",
            (
                Choice("The tag: the block ended well, so it was committed", ""),
                Choice("Nothing, and nobody complains", "", True),
                Choice("Nothing, and an error says that a commit is missing", ""),
            ),
            "sessions/1",
        ),
        Question(
            "nobody-holds-it",
            "user 3 was fetched with get. You delete your variable and call get for user 3 again, in the same "
            "session: how many statements does this second get send?",
            (
                Choice("0: the identity map remembers the user", ""),
                Choice("1: the session has forgotten the user", "", True),
                Choice("It raises: the user was deleted", ""),
            ),
            "sessions/3",
        ),
        Question(
            "who-holds-a-connection",
            "Three sessions, none closed: one idle, one that read, one that read and committed. How many "
            "connections are out?",
            (
                Choice("0: a session needs none between two statements", ""),
                Choice("1: the reader's", "", True),
                Choice("2: that of each session that sent something", ""),
                Choice("3: one for each open session", ""),
            ),
            "sessions/5",
        ),
    ),
    quiz=(
        Question(
            "flush-and-leave",
            "`async with factory() as session:` holds `session.add(order)` and `await session.flush()`, and ends. "
            "Is the order stored?",
            (
                Choice(
                    "No: the INSERT was sent and never committed",
                    "Right. The order even had an id, and is gone all the same.",
                    True,
                ),
                Choice(
                    "Yes: flush sends the INSERT",
                    "It sends it, inside a transaction. Closing the session rolls that transaction back.",
                ),
                Choice(
                    "Yes: the end of the block commits",
                    "`factory.begin()` does that. The block of `factory()` only closes.",
                ),
            ),
            "sessions/1",
        ),
        Question(
            "no-attribute-name",
            "`user = (await session.execute(select(User))).first()`, and `user.name` raises AttributeError. Why?",
            (
                Choice("It is a Row, and the user is inside", "Right: `scalars`, or `user.User.name`.", True),
                Choice(
                    "The name was not loaded",
                    "Columns are loaded with the object. What is missing here is the object: this is a Row.",
                ),
                Choice(
                    "`first()` has to be awaited",
                    "The rows are all there once `execute` was awaited; `first()` waits for nothing.",
                ),
            ),
            "sessions/2",
        ),
        Question(
            "what-leaks",
            "None of these sessions is closed. Which one keeps a connection?",
            (
                Choice(
                    "One that ran a query and then met an error",
                    "Right: nothing gave the connection back, and the next in line waits for it.",
                    True,
                ),
                Choice(
                    "One that was opened and never used",
                    "A session takes a connection with its first statement. This one has none.",
                ),
                Choice(
                    "One that ran a query and committed",
                    "The commit gave the connection back. Close it all the same: it may be used again.",
                ),
            ),
            "sessions/5",
        ),
    ),
    cheat=(
        "async with factory.begin() as session: ...",
        "(await session.scalars(statement)).one_or_none()",
        "await session.get(User, 3)",
    ),
    terms={
        "session": "the place where objects are worked with: it watches them and saves changes",
        "Result": "the rows of one statement, as a stream that is read once",
        "Row": "a named tuple of the columns that a statement asked for",
        "identity map": "a session's record of the objects it knows, one for each row; it keeps none of them alive",
        "transient": "an object that no session knows and that has no row",
        "pending": "an object that was added and waits for its INSERT",
        "persistent": "an object that has a row and belongs to a session",
        "detached": "an object that has a row and belongs to no session any more",
        "pool": "an engine's open connections, lent to sessions and taken back",
    },
)

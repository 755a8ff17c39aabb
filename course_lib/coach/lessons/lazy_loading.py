"""Lesson 09: what may wait, what a loop costs, and how to load a collection on purpose."""

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, NoResultFound, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import selectinload

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, User

VISITOR = 23_571
"""The first user without any order, in every shop of five users or more."""


class OrderDays(Exercise):
    """Mend a function that touches an unloaded relationship."""

    id = "lazy-loading/order-days"
    title = "The days of a user's orders"
    defines = "order_days"
    achieved = "read what belongs to an object without touching what was not loaded"
    minutes = 5
    users = (7,)
    requirements = {
        "days": Requirement(
            "every order gives its day, two orders on one day give it twice",
            "A set drops what repeats. Two orders on one day are two orders.",
            "lazy-loading/2",
        ),
        "earliest-first": Requirement(
            "the days come earliest first",
            "Orders come by id, and an order can be entered late, for an earlier day.",
            "lazy-loading/2",
        ),
        "unknown": Requirement(
            "an unknown user gives None",
            "No such user and a user without orders are two answers.",
            "lazy-loading/2",
        ),
        "no-orders": Requirement(
            "a user without orders gives an empty list",
            "A join drops users without orders, and `not []` is true.",
            "lazy-loading/2",
        ),
        "budget": Requirement(
            "at most two statements are sent",
            "One statement per order is N+1, also when each of them is awaited.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "Which relationship is touched without an await? Look at the end of the error.",
        "`AsyncAttrs` gives each model an attribute that may be awaited: step 2 of the lesson.",
        "`orders = await user.awaitable_attrs.orders`, and then sort the days of these orders.",
    )
    afterword = (
        "The touch became an `await`, so there is somebody who can wait. `session.get` gives None for an "
        "unknown user, and that is told apart from an empty list by asking `is None`."
    )
    another = """
async def order_days(session, user_id):
    if await session.get(User, user_id) is None:
        return None
    days = select(Order.ordered_on).where(Order.user_id == user_id).order_by(Order.ordered_on)
    return list(await session.scalars(days))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask for every user of a small shop, after a late entry for an early day."""
        async with lab.shop(7) as db:
            async with db.engine.begin() as connection:
                late = {"id": 900_001, "user_id": 3, "ordered_on": date(1997, 1, 1), "cds": 1, "cents": 999}
                await connection.execute(insert(Order), [late])
            async with db.sessions() as session:
                rows = (await session.execute(select(Order.user_id, Order.ordered_on))).all()
            for user_id in (2, 3):
                expected = sorted(day for owner, day in rows if owner == user_id)
                async with db.sessions() as session:
                    call = await lab.call(
                        answer, session, user_id, on=db, returns=list, label=f"user {user_id}"
                    )
                days = list(call.value)
                if lab.expect(
                    "days", sorted(days) == expected, f"{_days(days)} instead of {_days(expected)}", call
                ):
                    lab.expect("earliest-first", days == expected, _days(days), call)
                lab.expect("budget", call.sent <= 2, f"{call.sent} statements for user {user_id}", call)
            await _unknown_gives_none(answer, lab, db)
            async with db.sessions() as session:
                call = await lab.call(answer, session, VISITOR, on=db, label="a user without orders")
            empty = isinstance(call.value, list) and not call.value
            lab.expect("no-orders", empty, f"{call.value!r} for a user without orders", call)


async def _unknown_gives_none(answer: Any, lab: Lab, db: Any) -> None:
    async with db.sessions() as session:
        call = await lab.call(
            answer, session, -1, on=db, label="an unknown user", catch=(NoResultFound, AttributeError)
        )
    saw = type(call.error).__name__ if call.error else repr(call.value)
    lab.expect("unknown", call.error is None and call.value is None, f"{saw} for an unknown user", call)


def _days(days: list[Any]) -> str:
    return ", ".join(str(day) for day in days) or "nothing"


class UsersWithOrders(Exercise):
    """Hand out users whose orders are readable after the session is closed."""

    id = "lazy-loading/users-with-orders"
    title = "Users of a country"
    defines = "users_with_orders"
    achieved = "load many users with their orders in a handful of statements"
    minutes = 8
    users = (0, 7, 501)
    requirements = {
        "members": Requirement(
            "all users of the country come, and no others",
            "A limit that nobody asked for leaves people out.",
            "lazy-loading/4",
        ),
        "no-orders": Requirement(
            "users without orders are among them",
            "An inner join, or `any()`, drops users without orders.",
            "lazy-loading/4",
        ),
        "order": Requirement(
            "the users come by id",
            "Without ORDER BY the database chooses, and its choice changes when an index is added.",
            "lazy-loading/4",
        ),
        "readable": Requirement(
            "every user's orders can be read after the session is closed",
            "What was not loaded while the session was open cannot be loaded later.",
            "lazy-loading/1",
        ),
        "budget": Requirement(
            "at most 3 + 2 * (N // 500) statements are sent for N users",
            "When users are asked about one by one, the number of statements grows with them: N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "When the caller reads the orders, the session is gone. When must they be loaded?",
        "Name the relationship in the query: step 4 of the lesson.",
        "`select(User).options(selectinload(User.orders))`, with a where and an order_by, through "
        "`session.scalars(...)`.",
    )
    afterword = (
        "The query names the relationship, so the orders are there before the session closes: one statement "
        "for the users, and one for each 500 of them."
    )
    another = """
from sqlalchemy.orm import joinedload


async def users_with_orders(session, country):
    statement = (
        select(User).options(joinedload(User.orders)).where(User.country == country).order_by(User.id)
    )
    return list((await session.scalars(statement)).unique())
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask an empty shop, a mixed one, and one where 501 users live in one country."""
        for users in (0, 7, 501):
            async with lab.shop(users) as db:
                async with db.engine.begin() as connection:
                    if users == 501:
                        await connection.execute(update(User).values(country="DE"))
                    elif users == 7:
                        some = User.id.in_([1, 3, 6, VISITOR])
                        await connection.execute(update(User).values(country="FR"))
                        await connection.execute(update(User).where(some).values(country="DE"))
                await no_luck_with_order(db, User)
                await self._one_shop(answer, lab, db, users)

    async def _one_shop(self, answer: Any, lab: Lab, db: Any, users: int) -> None:
        async with db.sessions() as session:
            members = list(
                await session.scalars(select(User.id).where(User.country == "DE").order_by(User.id))
            )
            rows = (await session.execute(select(Order.user_id, Order.id))).all()
        expected: dict[int, list[int]] = {}
        for owner, order in rows:
            expected.setdefault(owner, []).append(order)
        async with db.sessions() as session:
            call = await lab.call(
                answer,
                session,
                "DE",
                on=db,
                returns=list,
                of=User,
                label=f"{counted(len(members), 'user')} of DE",
            )
        ids = [user.id for user in call.value]
        lacking = sorted(set(members) - set(ids))
        without = [user_id for user_id in lacking if user_id not in expected]
        lab.expect("no-orders", not without, f"missing: {counted(len(without), 'user')} without orders", call)
        unexpected = len(ids) != len(set(ids)) or set(ids) - set(members)
        complete = not unexpected and len(lacking) == len(without)
        lab.expect(
            "members", complete, f"{counted(len(ids), 'user')} for {len(members)} in the country", call
        )
        lab.expect("order", ids == sorted(ids), f"ids {_some(ids)}", call)
        lab.expect("budget", call.sent <= 3 + 2 * (len(members) // 500), f"{call.sent} statements", call)
        for user in call.value:
            found = lab.read("readable", partial(_order_ids, user), call)
            if found is None:
                break
            right = found == sorted(expected.get(user.id, []))
            lab.expect("readable", right, f"user {user.id} has {counted(len(found), 'order')}", call)


def _order_ids(user: User) -> list[int]:
    return sorted(order.id for order in user.orders)


def _some(values: list[int]) -> str:
    return ", ".join(map(str, values[:6])) + (", ..." if len(values) > 6 else "")


class LoadOrders(Exercise):
    """Load a relationship of objects that are already in hand."""

    id = "lazy-loading/load-orders"
    title = "Orders for users in hand"
    defines = "load_orders"
    achieved = "load a relationship for objects that you hold already, and lose no change of theirs"
    minutes = 10
    users = (7, 501)
    requirements = {
        "loaded": Requirement(
            "afterwards the orders of every user in the list can be read without a statement",
            "Other objects, or only some of them, were loaded.",
            "lazy-loading/5",
        ),
        "kept": Requirement(
            "a change that is not yet flushed stays as it is, unflushed",
            "`refresh` and `populate_existing` overwrite what the database does not know yet, and a flush writes it.",
            "lazy-loading/5",
        ),
        "nothing": Requirement(
            "an empty list sends nothing",
            "`IN` with an empty list is still a statement.",
            "lazy-loading/5",
        ),
        "budget": Requirement(
            "at most 2 + 2 * (N // 500) SELECTs are sent for N users",
            "One refresh, or one await, per user is N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "A query for users that are already in the session gives back the very same objects.",
        "What does `selectinload` do for an object whose collection is not loaded yet? Try it in a cell.",
        "Ask for the users by their ids, with `selectinload(User.orders)`. Return early for no users.",
    )
    afterword = (
        "The query finds users that the identity map already holds. Their columns stay as they are, unsaved "
        "changes included, and the collections that were missing are filled in. The pattern to keep is "
        "`fill_in` in `course_lib.patterns`."
    )
    another = """
from course_lib.patterns import fill_in


async def load_orders(session, users):
    await fill_in(session, users, User.orders)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Give no users, all users of two shops, and one user with an unsaved change."""
        for users in (7, 501):
            async with lab.shop(users) as db:
                # As in the common recipe: without autoflush a change stays in memory.
                factory = async_sessionmaker(db.engine, expire_on_commit=False, autoflush=False)
                async with factory() as session:
                    counts = dict((await session.execute(_orders_per_user())).all())
                    held = list(await session.scalars(select(User).order_by(User.id)))
                    await session.scalars(select(User).where(User.id == 2).options(selectinload(User.orders)))
                    held[0].name = "a name not yet saved"
                    call = await lab.call(answer, session, held, on=db, label=f"{users} users")
                    wrong = [user.id for user in held if _loaded_count(user) != counts.get(user.id, 0)]
                    lab.expect("loaded", not wrong, f"not loaded for users {_some(wrong)}", call)
                    name = held[0].__dict__.get("name", "nothing, it was expired")
                    lab.expect("kept", name == "a name not yet saved", f"the name is now: {name}", call)
                    if name == "a name not yet saved":
                        lab.expect("kept", held[0] in session.dirty, "the new name was flushed", call)
                    selects = sum(statement.kind == "SELECT" for statement in call.statements)
                    lab.expect("budget", selects <= 2 + 2 * (users // 500), f"{selects} SELECTs", call)
                async with factory() as session:
                    call = await lab.call(answer, session, [], on=db, label="no users")
                    lab.expect(
                        "nothing", call.sent == 0, f"{counted(call.sent, 'statement')} for no users", call
                    )


def _orders_per_user() -> Any:
    return select(Order.user_id, func.count()).group_by(Order.user_id)


def _loaded_count(user: User) -> int | None:
    orders = user.__dict__.get("orders")
    return None if orders is None else len(orders)


class UserPage(Exercise):
    """Load what a page shows, and make anything else fail with its name."""

    id = "lazy-loading/user-page"
    title = "Nothing by accident"
    defines = "user_page"
    achieved = "load exactly what a page shows, and be told of anything else"
    core = False
    minutes = 8
    users = (7,)
    requirements = {
        "loaded": Requirement(
            "the user's orders and their lines are loaded",
            "A loader for the orders does not load what lies below them.",
            "lazy-loading/5",
        ),
        "held": Requirement(
            "orders and lines are also loaded when the session has this user already",
            "`get` finds the user in the identity map and never comes to the options.",
            "lazy-loading/5",
        ),
        "guarded": Requirement(
            "touching another relationship, of the user or of a line, raises InvalidRequestError",
            "A guard on one relationship, or on one class, leaves the others open.",
            "lazy-loading/5",
        ),
        "unknown": Requirement(
            "an unknown user gives None",
            "`one()` and `scalar_one()` raise when there is nothing.",
            "lazy-loading/4",
        ),
        "budget": Requirement(
            "at most three statements are sent",
            "Each order's lines were fetched by themselves.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "Loaders can be chained: what comes after the orders?",
        "One option closes everything that is not named, on every class: step 5 of the lesson.",
        '`selectinload(User.orders).selectinload(Order.lines)` and `raiseload("*")`.',
    )
    afterword = (
        '`raiseload("*")` holds for all classes of the query, so a line\'s product is guarded as well as the '
        "user's tags. A `select` also fills in what is missing on a user that the session has already."
    )
    another = """
from course_lib.patterns import with_exactly


async def user_page(session, user_id):
    statement = with_exactly(select(User), selectinload(User.orders).selectinload(Order.lines))
    return (await session.scalars(statement.where(User.id == user_id))).one_or_none()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Read one user's page, touch what is not on it, and ask for nobody."""
        async with lab.shop(7) as db:
            async with db.sessions() as session:
                call = await lab.call(answer, session, 3, on=db, returns=User, label="user 3")
                user = call.value
                whole = _whole(user)
                lab.expect("loaded", whole, "orders or lines are missing from the user", call)
                lab.expect("budget", call.sent <= 3, f"{call.sent} statements", call)
                lab.expect(
                    "guarded", _raises(user, "tags"), "user.tags did not raise InvalidRequestError", call
                )
                if whole:
                    raised = _raises(user.orders[0].lines[0], "product")
                    lab.expect("guarded", raised, "line.product did not raise InvalidRequestError", call)
            async with db.sessions() as session:
                held = await session.get_one(User, 3)
                call = await lab.call(answer, session, 3, on=db, returns=User, label="user 3, held already")
                if whole:
                    lab.expect("held", _whole(held), "orders or lines are missing from the user", call)
            await _unknown_gives_none(answer, lab, db)


def _whole(user: User) -> bool:
    orders = user.__dict__.get("orders")
    return orders is not None and all("lines" in order.__dict__ for order in orders)


def _raises(item: object, name: str) -> bool:
    try:
        getattr(item, name)
    except InvalidRequestError as error:
        # MissingGreenlet is an InvalidRequestError too, and says nothing about the relationship.
        return not isinstance(error, MissingGreenlet)
    except StatementError:
        return False
    return False


LESSON = Lesson(
    id="lazy-loading",
    number="09",
    notebook="09_lazy_loading",
    title="Lazy loading",
    promise="Why touching user.orders fails in async code, what the usual repairs cost, and how a hundred "
    "users' orders come in two statements.",
    minutes=25,
    exercise_minutes=30,
    objectives=(
        "read a `MissingGreenlet` error and name the line that caused it",
        "count the statements a piece of code sends, and recognise N+1",
        "load a collection with `selectinload` and predict its statements",
        "load late on purpose, for objects you already hold",
        "make a forgotten relationship fail at once, with its name",
    ),
    exercises=(OrderDays(), UsersWithOrders(), LoadOrders(), UserPage()),
    recall=(
        Question(
            "same-object",
            "Two queries in one session find the user with id 3. How many User objects are there?",
            (
                Choice(
                    "One", "Right: the identity map gives back the object the session already holds.", True
                ),
                Choice("Two, one per query", "The session keeps one object per row: its identity map."),
                Choice("Two, but they compare equal", "There is only one: `is` holds, not only `==`."),
            ),
            "sessions/3",
        ),
        Question(
            "what-await-does",
            "What may happen while your coroutine stands at an `await`?",
            (
                Choice(
                    "Other tasks of the same event loop run", "Right: that is what waiting means here.", True
                ),
                Choice("Nothing; the program stops", "Then async would gain nothing: other tasks may run."),
                Choice(
                    "Another thread goes on with the coroutine",
                    "No thread is involved: the same loop continues it later.",
                ),
            ),
            "await-and-tasks/2",
        ),
    ),
    predictions=(
        Question(
            "first-touch",
            "user.orders, without await, on a user fresh from session.get: what happens?",
            (
                Choice("A SELECT is sent and the event loop is blocked until it is answered", ""),
                Choice("An exception is raised", "", True),
                Choice("It is an empty list, because nothing was loaded", ""),
                Choice("It is a coroutine that could be awaited", ""),
            ),
            "lazy-loading/1",
        ),
        Question(
            "how-many-statements",
            "100 users in one query, then `await user.awaitable_attrs.orders` for each: how many statements?",
            (
                Choice("1", ""),
                Choice("2", ""),
                Choice("100", ""),
                Choice("101", "", True),
            ),
            "lazy-loading/3",
        ),
        Question(
            "selectinload-one-user",
            "One user with selectinload(User.orders): how many statements?",
            (
                Choice("1, with a join", ""),
                Choice("2", "", True),
                Choice("1 and one more per order", ""),
            ),
            "lazy-loading/4",
        ),
    ),
    quiz=(
        Question(
            "why-missing-greenlet",
            "What does MissingGreenlet tell you?",
            (
                Choice(
                    "A statement had to be sent at a place where nothing could wait for it",
                    "Right. Load it before, or await it.",
                    True,
                ),
                Choice(
                    "The package greenlet is not installed",
                    "That is another error, at import. This one means: no greenlet around this call.",
                ),
                Choice(
                    "The session was closed",
                    "A closed session gives DetachedInstanceError. Here the session was open, with nothing to wait in.",
                ),
            ),
            "lazy-loading/2",
        ),
        Question(
            "awaitable-in-a-loop",
            "A colleague replaced every user.orders by `await user.awaitable_attrs.orders`, in a loop. What now?",
            (
                Choice(
                    "It runs, and sends a statement for each user",
                    "Right: the error is gone and N+1 is there.",
                    True,
                ),
                Choice(
                    "It runs, and SQLAlchemy gathers the loads into one statement",
                    "Nothing is gathered: each await is answered before the next begins.",
                ),
                Choice(
                    "It raises, because a loop cannot await",
                    "A loop may await. That is why the cost is easy to overlook.",
                ),
            ),
            "lazy-loading/3",
        ),
        Question(
            "guard",
            'A query with selectinload(User.orders) and raiseload("*"): what does `await user.awaitable_attrs.tags` do?',
            (
                Choice(
                    "It raises and names User.tags",
                    "Right: the guard holds for awaited touches as well.",
                    True,
                ),
                Choice(
                    "It loads the tags: it is awaited, after all",
                    "raiseload forbids the load itself, however you ask for it.",
                ),
                Choice("It gives an empty list", "Empty would be a lie about the data; it raises."),
            ),
            "lazy-loading/5",
        ),
    ),
    cheat=(
        "select(User).options(selectinload(User.orders))",
        'await session.refresh(user, ["orders"])',
        'statement.options(raiseload("*"))',
    ),
    terms={
        "lazy loading": "loading a relationship at the moment it is first touched",
        "N+1": "one statement for a list, and one more for each of its N elements",
        "greenlet": "a call stack that can be left in the middle and entered again",
        "eager loading": "loading a relationship together with the query that needs it",
    },
)

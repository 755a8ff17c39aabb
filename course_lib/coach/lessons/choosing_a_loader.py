"""Lesson 10: what a join costs, what a filter leaves behind, and when no object is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, event, func, insert, select, text, true, update
from sqlalchemy.orm import selectinload

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.shop import Base, Order, OrderLine, Tag, User, user_tags

VISITOR = 23_571
"""The first user without any order, in every shop of five users or more."""


async def _no_luck_with_order(db: Any) -> None:
    """Make a forgotten ORDER BY show: SQLite reads backwards, PostgreSQL finds its rows moved about."""
    if db.backend == "sqlite":
        event.listen(db.engine.sync_engine, "begin", _read_backwards)
        return
    async with db.engine.begin() as connection:
        for model in (User, Order):
            # An UPDATE writes a new version of the row behind the others.
            await connection.execute(update(model).where(model.id % 2 == 1).values(id=model.id))


def _read_backwards(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA reverse_unordered_selects=ON")


def _some(values: list[Any]) -> str:
    return ", ".join(map(str, values[:6])) + (", ..." if len(values) > 6 else "") or "nothing"


class Parcels(Exercise):
    """Load two collections on two sides of an object without multiplying their rows."""

    id = "choosing-a-loader/parcels"
    title = "Parcels with stickers"
    defines = "parcels"
    minutes = 8
    achieved = "load several collections without multiplying their rows"
    users = (0, 7, 501)
    requirements = {
        "complete": Requirement(
            "every order from that day on comes once, and no other",
            "An inner join drops what has nothing on the other side, and `>` drops the day itself.",
            "choosing-a-loader/1",
        ),
        "order": Requirement(
            "the orders come by id",
            "Without ORDER BY the database chooses, and its choice changes from one day to the next.",
            "choosing-a-loader/3",
        ),
        "readable": Requirement(
            "each order's lines, its user and the user's tags can be read after the session is closed",
            "A loader loads what it names and nothing below it.",
            "lazy-loading/4",
        ),
        "rows": Requirement(
            "at most 1.5 rows are fetched for each order, line, user and tag of a user",
            "Fewest statements is fastest. Joined collections multiply: every line comes again with every tag.",
            "choosing-a-loader/2",
        ),
        "budget": Requirement(
            "at most 8 + 4 * (N // 500) statements are sent for N orders",
            "Awaiting the lines or the tags in a loop is N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "Take one order with three lines, whose user has eight tags. How many rows does the join give for it?",
        "Each relationship may have a loader of its own, and a chain may change its loader on the way.",
        "A join repeats nothing from an order to its user: `joinedload(Order.user)`. From there, and for the "
        "lines, use `selectinload`.",
    )
    afterword = (
        "An order has one user, so that join repeats no order. The two collections, the lines and the tags, come "
        "in statements of their own. Their rows are added up and no longer multiplied."
    )
    another = """
async def parcels(session, since):
    statement = (
        select(Order)
        .options(joinedload(Order.lines), selectinload(Order.user).selectinload(User.tags))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    return list((await session.scalars(statement)).unique())
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask three shops where nearly everybody has every tag; one order has no line, one user no tag."""
        for users in (0, 7, 501):
            async with lab.shop(users) as db:
                day = date(1997, 1, 12)  # user 2 ordered on this very day
                async with db.engine.begin() as connection:
                    if users:
                        await connection.execute(delete(user_tags))
                        pairs = select(User.id, Tag.id).join(Tag, true()).where(User.id != 4)
                        tagged = insert(user_tags).from_select(["user_id", "tag_id"], pairs)
                        await connection.execute(tagged)
                        empty = {"id": 900_001, "user_id": 2, "ordered_on": day, "cds": 1, "cents": 999}
                        await connection.execute(insert(Order), [empty])
                await _no_luck_with_order(db)
                await self._one_shop(answer, lab, db, day)

    async def _one_shop(self, answer: Any, lab: Lab, db: Any, day: date) -> None:
        async with db.sessions() as session:
            owners = dict(
                (await session.execute(select(Order.id, Order.user_id).where(Order.ordered_on >= day))).all()
            )
            lines = _grouped(await session.execute(select(OrderLine.order_id, OrderLine.id)))
            tags = _grouped(await session.execute(select(user_tags.c.user_id, user_tags.c.tag_id)))
        wanted = sorted(owners)
        async with db.sessions() as session:
            call = await lab.call(
                answer, session, day, on=db, returns=list, of=Order, label=f"{len(wanted)} orders"
            )
        ids = [order.id for order in call.value]
        complete = lab.expect(
            "complete", sorted(ids) == wanted, f"{len(ids)} orders, {len(wanted)} were asked for", call
        )
        lab.expect("order", ids == sorted(ids), f"ids {_some(ids)}", call)
        lab.expect("budget", call.sent <= 8 + 4 * (len(wanted) // 500), f"{call.sent} statements", call)
        people = set(owners.values())
        needed = len(wanted) + len(people)
        needed += sum(len(lines.get(order, ())) for order in wanted)
        needed += sum(len(tags.get(user, ())) for user in people)
        lab.expect(
            "rows", call.rows <= max(needed, 1) * 1.5, f"{call.rows} rows fetched, {needed} are needed", call
        )
        for order in call.value if complete else ():
            seen = lab.read("readable", partial(_parcel, order), call)
            if seen is None:
                break
            owner = owners[order.id]
            right = seen == (lines.get(order.id, []), owner, tags.get(owner, []))
            lab.expect("readable", right, f"order {order.id} has other lines or tags than its own", call)


def _parcel(order: Order) -> tuple[list[int], int, list[int]]:
    lines = sorted(line.id for line in order.lines)
    return lines, order.user.id, sorted(tag.id for tag in order.user.tags)


def _grouped(pairs: Any) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: sorted(values) for key, values in found.items()}


class BigOrders(Exercise):
    """Hand out filtered lists without leaving half-filled collections in the caller's session."""

    id = "choosing-a-loader/big-orders"
    title = "Big orders"
    defines = "big_orders"
    minutes = 10
    achieved = "filter a collection without falsifying it for everybody else"
    users = (7, 501)
    requirements = {
        "members": Requirement(
            "every user with such an order comes once, and nobody else",
            "An outer join keeps users without such an order.",
            "choosing-a-loader/4",
        ),
        "matching": Requirement(
            "each user comes with all orders of that amount or more, and no other",
            "A loader loads the whole collection, whatever the query's WHERE says.",
            "choosing-a-loader/4",
        ),
        "order": Requirement(
            "users come by id, and so do each user's orders",
            "Without ORDER BY the database chooses, and its choice changes from one day to the next.",
            "choosing-a-loader/3",
        ),
        "unharmed": Requirement(
            "afterwards `await user.awaitable_attrs.orders` gives all orders of that user",
            "`contains_eager` with a filter, and a filtered loader, fill `user.orders` itself. Everybody who uses this "
            "session then takes a part for the whole.",
            "choosing-a-loader/4",
        ),
        "held": Requirement(
            "it is also right when the session already holds these users with their orders",
            "A collection that is loaded stays as it is: what the query brings for it is discarded.",
            "choosing-a-loader/4",
        ),
        "budget": Requirement(
            "at most 2 + N // 500 statements are sent for N users",
            "One statement per user is N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "The identity map of lesson 04: the caller's `user.orders` and yours are one list. Who else reads it?",
        "A query may ask for two entities at once and give pairs. Then nothing is hung on the user.",
        "`select(User, Order).join(User.orders)` with your where and order_by, and group the pairs in Python.",
    )
    afterword = (
        "The pairs carry the filtered orders beside their users, and `user.orders` is not touched. So it does not "
        "matter what the session held before, nor what it is asked afterwards."
    )
    another = """
async def big_orders(session, cents):
    statement = select(Order).options(joinedload(Order.user)).where(Order.cents >= cents)
    found = {}
    for order in await session.scalars(statement.order_by(Order.user_id, Order.id)):
        found.setdefault(order.user, []).append(order)
    return list(found.items())
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask in an empty session and in one that holds everything; then read the collections."""
        for users in (7, 501):
            async with lab.shop(users) as db:
                async with db.engine.begin() as connection:
                    # An index whose order is not that of the ids, as an administrator may add one.
                    await connection.execute(text("CREATE INDEX by_cents ON orders (cents)"))
                await _no_luck_with_order(db)
                fresh: dict[int, list[int]] = {}
                async with lab.case(f"{users} users"):
                    fresh = await self._one_session(answer, lab, db)
                async with lab.case(f"{users} users, orders loaded before"):
                    await self._one_session(answer, lab, db, fresh)
                async with lab.case("an amount nobody reached"), db.sessions() as session:
                    call = await lab.call(answer, session, 10**9, on=db, returns=list)
                    lab.expect("members", not call.value, f"{len(call.value)} users", call)

    async def _one_session(
        self, answer: Any, lab: Lab, db: Any, fresh: dict[int, list[int]] | None = None
    ) -> dict[int, list[int]]:
        """Judge one call; `fresh` is what the call in an empty session gave, None in that session itself."""
        cents = 2933  # two users have an order of exactly this amount, and both have bigger ones
        async with db.sessions() as session:
            everything = _grouped(await session.execute(select(Order.user_id, Order.id)))
            wanted = _grouped(
                await session.execute(select(Order.user_id, Order.id).where(Order.cents >= cents))
            )
        async with db.sessions() as session:
            kept = []
            if fresh is not None:
                kept = list(await session.scalars(select(User).options(selectinload(User.orders))))
            call = await lab.call(answer, session, cents, on=db, returns=list)
            pairs = lab.read("matching", lambda: _as_pairs(call.value), call)
            if pairs is None:
                return {}
            ids = [user.id for user, _ in pairs]
            right = lab.expect(
                "members", sorted(ids) == sorted(wanted), f"{len(ids)} users for {len(wanted)}", call
            )
            lab.expect("budget", call.sent <= 2 + len(wanted) // 500, f"{call.sent} statements", call)
            by_id = ids == sorted(ids)
            lab.expect("order", by_id, f"users {_some(ids)}", call)
            for user, orders in pairs if right else ():
                seen = [order.id for order in orders]
                saw = f"user {user.id} with {len(seen)} orders instead of {len(wanted[user.id])}"
                # The same list as in an empty session has nothing to do with what was loaded before.
                alike = fresh is None or fresh.get(user.id) == seen
                if lab.expect("matching" if alike else "held", sorted(seen) == wanted[user.id], saw, call):
                    lab.expect("order", seen == sorted(seen), f"orders {_some(seen)}", call)
            given = {user.id: [order.id for order in orders] for user, orders in pairs}
            for user in [user for user, _ in pairs] + kept:
                await self._unharmed(lab, user, everything, call)
            return given

    async def _unharmed(self, lab: Lab, user: User, everything: dict[int, list[int]], call: Any) -> None:
        try:
            key = user.id
            later = sorted(order.id for order in await user.awaitable_attrs.orders)
        except Exception as error:
            lab.expect("unharmed", False, f"reading user.orders raised {type(error).__name__}", call)
            return
        saw = f"user {key} now has {len(later)} orders in this session, {len(everything.get(key, []))} in the shop"
        lab.expect("unharmed", later == everything.get(key, []), saw, call)


def _as_pairs(value: list[Any]) -> list[tuple[User, list[Order]]]:
    pairs = [(user, list(orders)) for user, orders in value]
    for user, orders in pairs:
        if not isinstance(user, User) or not all(isinstance(order, Order) for order in orders):
            raise TypeError("an entry is not a user with a list of orders")
    return pairs


class SpentPerUser(Exercise):
    """Let the database add up, without a join that counts things twice."""

    id = "choosing-a-loader/spent-per-user"
    title = "Spent per user"
    defines = "spent_per_user"
    minutes = 10
    achieved = "let the database count and add up, without an object"
    users = (0, 7)
    requirements = {
        "everyone": Requirement(
            "every user comes once, with or without orders",
            "An inner join drops users without orders.",
            "choosing-a-loader/5",
        ),
        "zero": Requirement(
            "no orders give 0, not None",
            "The sum of nothing is NULL in SQL.",
            "choosing-a-loader/5",
        ),
        "cents": Requirement(
            "the cents are the sum of the user's orders, as an int",
            "A join with the tags repeats each order for each tag, and the sum adds it up each time.",
            "choosing-a-loader/5",
        ),
        "tags": Requirement(
            "the tags are counted once each",
            "A join with the orders repeats each tag for each order.",
            "choosing-a-loader/5",
        ),
        "order": Requirement(
            "the users come by id",
            "GROUP BY does not sort. Without ORDER BY the database chooses.",
            "choosing-a-loader/3",
        ),
        "budget": Requirement(
            "one statement is sent",
            "Two questions about the same users need no two statements.",
            "choosing-a-loader/5",
        ),
        "objects": Requirement(
            "no user, order or tag object is loaded",
            "Eager loading is not the answer to every N+1: numbers need no objects.",
            "choosing-a-loader/5",
        ),
    }
    hints = (
        "Which of the two sums changes when you join the other table as well?",
        "Add up before you put together: each number in a subquery of its own.",
        "One `scalar_subquery()` for the cents and one for the tags, each with `.where(... == User.id)`, as two more "
        "columns of `select(User.id, ...)`. Around the sum goes `func.coalesce(..., 0)`.",
    )
    afterword = (
        "Each number is worked out by itself, for one user at a time, so that no table repeats the rows of another. "
        "The database sends one row per user, and the session holds no object."
    )
    another = """
async def spent_per_user(session):
    spent = select(Order.user_id, func.sum(Order.cents).label("cents")).group_by(Order.user_id).subquery()
    statement = (
        select(User.id, func.coalesce(spent.c.cents, 0), func.count(Tag.id))
        .outerjoin(spent, spent.c.user_id == User.id)
        .outerjoin(User.tags)
        .group_by(User.id, spent.c.cents)
        .order_by(User.id)
    )
    return [tuple(row) for row in await session.execute(statement)]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask an empty shop, and one with a visitor, many tags, and none."""
        for users in (0, 7):
            async with lab.shop(users) as db:
                async with db.engine.begin() as connection:
                    if users:
                        await connection.execute(delete(user_tags))
                        tags = [(3, 8), (2, 2), (5, 1), (VISITOR, 1)]
                        rows = [{"user_id": u, "tag_id": t} for u, n in tags for t in range(1, n + 1)]
                        await connection.execute(insert(user_tags), rows)
                await _no_luck_with_order(db)
                async with db.sessions() as session:
                    people = sorted(await session.scalars(select(User.id)))
                    spent = _grouped(await session.execute(select(Order.user_id, Order.cents)))
                    tagged = _grouped(await session.execute(select(user_tags.c.user_id, user_tags.c.tag_id)))
                async with db.sessions() as session:
                    with _loaded_objects() as loaded:
                        call = await lab.call(answer, session, on=db, returns=list)
                self._judge(lab, call, people, spent, tagged)
                lab.expect("objects", not loaded, f"{len(loaded)} objects were loaded", call)
                lab.expect("budget", call.sent == 1, f"{call.sent} statements", call)

    def _judge(self, lab: Lab, call: Any, people: list[int], spent: Any, tagged: Any) -> None:
        rows = lab.read("everyone", lambda: [(u, c, t) for u, c, t in call.value], call)
        if rows is None:
            return
        ids = [row[0] for row in rows]
        lab.expect("everyone", sorted(ids) == people, f"{len(ids)} rows for {len(people)} users", call)
        lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
        for user, cents, tags in rows:
            wanted, count = sum(spent.get(user, [])), len(tagged.get(user, []))
            for key, seen, right in (("cents", cents, wanted), ("tags", tags, count)):
                if right == 0 and seen is None:
                    lab.expect("zero", False, f"user {user} has {seen} {key}", call)
                else:
                    fine = type(seen) is int and seen == right
                    lab.expect(key, fine, f"user {user} has {seen!r} {key} instead of {right}", call)


@contextmanager
def _loaded_objects() -> Iterator[list[str]]:
    """The names of the classes of all objects that any session loads."""
    loaded: list[str] = []

    def note(item: object, context: object) -> None:
        loaded.append(type(item).__name__)

    event.listen(Base, "load", note, propagate=True)
    try:
        yield loaded
    finally:
        event.remove(Base, "load", note)


class LatestOrders(Exercise):
    """Fetch one order per user instead of all of them."""

    id = "choosing-a-loader/latest-orders"
    title = "The latest order of everybody"
    defines = "latest_orders"
    core = False
    minutes = 12
    achieved = "fetch one row per group and leave the rest in the database"
    users = (0, 7)
    requirements = {
        "everyone": Requirement(
            "every user comes once, with None where there is no order",
            "An inner join, or a WHERE on the orders, drops users without orders.",
            "choosing-a-loader/5",
        ),
        "latest": Requirement(
            "each user comes with an order of the latest day",
            "The highest id is the order that was entered last, and it may be of an earlier day.",
            "lazy-loading/2",
        ),
        "ties": Requirement(
            "of several orders on that day the one with the highest id comes",
            "The latest day alone does not tell two orders of one day apart.",
            "choosing-a-loader/5",
        ),
        "order": Requirement(
            "the users come by id",
            "Without ORDER BY the database chooses, and its choice changes from one day to the next.",
            "choosing-a-loader/3",
        ),
        "rows": Requirement(
            "at most two rows are fetched for each user",
            "Loading every order to keep one leaves the choice to Python and the cost to the database.",
            "choosing-a-loader/5",
        ),
        "budget": Requirement(
            "at most two statements are sent",
            "One statement per user is N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "Which order of one user would you take? Write that query first, with an order_by and a limit of 1.",
        "Such a query can stand inside another one, in the condition of an outer join.",
        "`select(User, Order).outerjoin(Order, Order.id == latest)`, where `latest` is a `scalar_subquery()` that gives "
        "the id of the latest order of that user. It needs its own name for the orders: `aliased(Order)`.",
    )
    afterword = (
        "The subquery finds one id per user, by day and then by id. The outer join keeps users for whom it finds none. "
        "`aliased` gives the inner query its own orders. Without it SQLAlchemy would take them for those of the join."
    )
    another = """
async def latest_orders(session):
    place = func.row_number().over(
        partition_by=Order.user_id, order_by=(Order.ordered_on.desc(), Order.id.desc())
    )
    placed = select(Order.id, place.label("place")).subquery()
    first = select(placed.c.id).where(placed.c.place == 1)
    join = and_(Order.user_id == User.id, Order.id.in_(first))
    rows = await session.execute(select(User, Order).outerjoin(Order, join).order_by(User.id))
    return [(user, order) for user, order in rows]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask an empty shop, and one with an order entered late and two orders on a last day."""
        for users in (0, 7):
            async with lab.shop(users) as db:
                if users:
                    async with db.engine.begin() as connection:
                        same_day = select(func.max(Order.ordered_on)).where(Order.user_id == 2)
                        last = await connection.scalar(same_day)
                        new: list[dict[str, Any]] = [
                            {
                                "id": 900_001,
                                "user_id": 3,
                                "ordered_on": date(1997, 1, 1),
                                "cds": 1,
                                "cents": 999,
                            },
                            {"id": 900_002, "user_id": 2, "ordered_on": last, "cds": 1, "cents": 999},
                        ]
                        await connection.execute(insert(Order), new)
                await _no_luck_with_order(db)
                async with db.sessions() as session:
                    people = sorted(await session.scalars(select(User.id)))
                    rows = (await session.execute(select(Order.user_id, Order.ordered_on, Order.id))).all()
                async with db.sessions() as session:
                    call = await lab.call(answer, session, on=db, returns=list)
                    self._judge(lab, call, people, rows)
                lab.expect("rows", call.rows <= 2 * len(people), f"{call.rows} rows for {users} users", call)
                lab.expect("budget", call.sent <= 2, f"{call.sent} statements", call)

    def _judge(self, lab: Lab, call: Any, people: list[int], rows: Any) -> None:
        pairs = lab.read("everyone", lambda: [_pair(user, order) for user, order in call.value], call)
        if pairs is None:
            return
        ids = [user for user, _ in pairs]
        lab.expect("everyone", sorted(ids) == people, f"{len(ids)} entries for {len(people)} users", call)
        lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
        for user, order in pairs:
            mine = {number: day for owner, day, number in rows if owner == user}
            best = max(mine, key=lambda number: (mine[number], number), default=None)
            if best is None:
                lab.expect("everyone", order is None, f"user {user} has no order, and {order} came", call)
            elif lab.expect(
                "latest", mine.get(order) == mine[best], f"user {user}: order {order}, not {best}", call
            ):
                lab.expect("ties", order == best, f"user {user}: order {order}, not {best}", call)


def _pair(user: Any, order: Any) -> tuple[int, int | None]:
    if not isinstance(user, User) or not isinstance(order, Order | None):
        raise TypeError("an entry is not a User with an Order or None")
    return user.id, None if order is None else order.id


LESSON = Lesson(
    id="choosing-a-loader",
    number="10",
    notebook="10_choosing_a_loader",
    title="Choosing a loader",
    promise="For each relationship the load that costs least, and joins that give wrong answers without an error.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "load with `joinedload`, and say when `unique()` is due",
        "count the rows a query fetches, and spot collections that multiply",
        "limit a query that loads collections",
        "filter a collection and leave the session truthful",
        "replace objects by a count or a sum in SQL",
    ),
    exercises=(Parcels(), BigOrders(), SpentPerUser(), LatestOrders()),
    recall=(
        Question(
            "late-and-many",
            "You hold 100 users in a session, and their orders are not loaded. Which way sends the fewest statements?",
            (
                Choice(
                    "`fill_in`, or one query for these users with `selectinload`",
                    "Right: two statements, one for the users and one for their orders.",
                    True,
                ),
                Choice(
                    "`await user.awaitable_attrs.orders` in a loop",
                    "That is one statement for each user: 100.",
                ),
                Choice(
                    '`await session.refresh(user, ["orders"])` in a loop',
                    "That works, and sends two statements for each user.",
                ),
            ),
            "lazy-loading/5",
        ),
        Question(
            "what-execute-gives",
            "What does `(await session.execute(select(User))).all()` give?",
            (
                Choice(
                    "A list of Rows, each of which holds one User",
                    "Right: `execute` gives Rows, `scalars` the objects in them. Step 4 asks for two objects per Row.",
                    True,
                ),
                Choice(
                    "A list of Users",
                    "That is what `scalars` gives. `execute` gives Rows, also for one entity.",
                ),
                Choice("A list of dictionaries", "A Row can be read by name, but it is no dictionary."),
            ),
            "sessions/2",
        ),
    ),
    predictions=(
        Question(
            "without-unique",
            "100 users with 357 orders. The query has joinedload(User.orders). What does `.all()` give?",
            (
                Choice("100 users", ""),
                Choice("357 entries, some users several times", ""),
                Choice("An exception", "", True),
            ),
            "choosing-a-loader/1",
        ),
        Question(
            "joined-limit",
            "select(User) with joinedload(User.orders), order_by(User.id) and limit(10). The first ten users have "
            "40 orders. What comes?",
            (
                Choice("10 users with all 40 orders", "", True),
                Choice("The 4 users who share the first ten rows", ""),
                Choice("10 users with 10 orders in all", ""),
            ),
            "choosing-a-loader/3",
        ),
        Question(
            "after-the-filter",
            "User 3 has 6 orders, one of them big; the filtered query put that one into user.orders. Now the same "
            "session runs select(User) with selectinload(User.orders) for user 3. What is len(user.orders)?",
            (
                Choice("6: it was loaded again", ""),
                Choice("1: it was loaded before", "", True),
                Choice("7: the big one is there twice", ""),
            ),
            "choosing-a-loader/4",
        ),
    ),
    quiz=(
        Question(
            "fewest-statements",
            "A page needs users with their orders and their tags. A colleague joins both, because one statement beats "
            "three. What do you answer?",
            (
                Choice(
                    "Every order comes again for every tag. Three statements fetch fewer rows.",
                    "Right: rows of joined collections multiply, those of separate statements add up.",
                    True,
                ),
                Choice(
                    "That holds in async code only; in synchronous code the join is better.",
                    "The SQL is the same in both, and so are the rows. Nothing about it is asynchronous.",
                ),
                Choice(
                    "One statement is one round trip, so it is the better choice.",
                    "A round trip has a price, and so has every repeated row. Count both before you choose.",
                ),
            ),
            "choosing-a-loader/2",
        ),
        Question(
            "filtered-collection",
            "After contains_eager with a filter, what does `user.orders` mean in this session?",
            (
                Choice(
                    "The orders that passed the filter, for everyone who uses this session",
                    "Right, and it stays so until someone refreshes it.",
                    True,
                ),
                Choice(
                    "The filter belongs to that query; the next one loads all orders",
                    "The next query sends its statement, and what comes is discarded: the list is loaded already.",
                ),
                Choice(
                    "All orders: the filter chooses the users only",
                    "That would be a join with a separate load. contains_eager fills the list from the joined rows.",
                ),
            ),
            "choosing-a-loader/4",
        ),
        Question(
            "doubled-money",
            "sum(Order.cents) was right. Since someone joined User.tags to show the number of tags, it is too high. Why?",
            (
                Choice(
                    "Each order is in the result once per tag, and is added up each time",
                    "Right: the same multiplication, and this time no `unique()` asks you.",
                    True,
                ),
                Choice(
                    "`unique()` was forgotten",
                    "unique() works on what Python receives. The database has added up before that.",
                ),
                Choice(
                    "The join should have been an outer join",
                    "An outer join keeps more rows: it cannot lower the sum.",
                ),
            ),
            "choosing-a-loader/5",
        ),
    ),
    cheat=(
        "select(Order).options(joinedload(Order.user))",
        "(await session.scalars(statement)).unique().all()",
        "joinedload(Order.user).selectinload(User.tags)",
        "statement.execution_options(populate_existing=True)",
        "select(func.coalesce(func.sum(Order.cents), 0))",
    ),
    terms={
        "joined loading": "loading a relationship with an outer join in the same statement",
        "row explosion": "rows that multiply when a query joins several collections of one parent",
        "many-to-one": "a relationship that leads to one object, such as an order's user",
        "projection": "a query for columns or computed values instead of objects",
        "scalar subquery": "a query inside another one that stands for one value per row",
    },
)

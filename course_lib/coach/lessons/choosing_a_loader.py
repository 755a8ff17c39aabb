"""Lesson 10: what a join costs, what a filter leaves behind, and when no object is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import delete, event, func, insert, select, text, true
from sqlalchemy.orm import selectinload

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens.statements_view import counted
from course_lib.shop import Base, Order, OrderLine, Tag, User, user_tags

VISITOR = 23_571
"""The first user without any order, in every shop of five users or more."""

_UNSETTLED = "What ORDER BY does not settle is up to the database, and changes from one day to the next."


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
            "An inner join drops what has nothing on the other side, a join of your own repeats what has several, "
            "and `>` drops the day itself.",
            "choosing-a-loader/1",
        ),
        "order": Requirement(
            "the orders come by id",
            _UNSETTLED,
            "choosing-a-loader/3",
        ),
        "readable": Requirement(
            "each order's lines, its user and the user's tags can be read after the session is closed",
            "A loader loads what it names and nothing below it; filled from a filtered join, a list holds a part.",
            "lazy-loading/4",
        ),
        "rows": Requirement(
            "at most 1.5 * (orders + lines + users + each user's tags) rows are fetched",
            "One statement is not the cheapest. A joined collection repeats what stands beside it: join the tags, and "
            "each order comes once for every tag.",
            "choosing-a-loader/2",
        ),
        "budget": Requirement(
            "at most 8 + 4 * (N // 500) statements are sent for N orders",
            "When orders are asked about one by one, the number of statements grows with them: N+1.",
            "lazy-loading/3",
        ),
    }
    hints = (
        "Take one order with three lines, whose user has eight tags. How many rows does the join give for it?",
        "Each relationship may have a loader of its own, and a chain may change its loader on the way.",
        "From an order to its user a join adds no row: `joinedload(Order.user)`. From there, and for the "
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
                await no_luck_with_order(db, User, Order)
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
        complete = lab.expect("complete", sorted(ids) == wanted, _compared(ids, wanted), call)
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


def _compared(ids: list[int], wanted: list[int]) -> str:
    missing, others = sorted(set(wanted) - set(ids)), sorted(set(ids) - set(wanted))
    twice = sorted({key for key in ids if ids.count(key) > 1}) if len(set(ids)) < len(ids) else []
    found = {"missing": missing, "not asked for": others, "more than once": twice}
    return "; ".join(f"{what}: {_some(keys)}" for what, keys in found.items() if keys)


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
            "An outer join keeps users without such an order, and the rows of a join repeat a user who has several.",
            "choosing-a-loader/4",
        ),
        "matching": Requirement(
            "each user comes with all orders above that amount, and none below it",
            "A WHERE chooses the query's own rows. A loader beside it brings the whole collection.",
            "choosing-a-loader/4",
        ),
        "exactly": Requirement(
            "an order of exactly that amount is among them",
            '`>` drops the amount itself. "At least" is `>=`.',
            "choosing-a-loader/4",
        ),
        "order": Requirement(
            "users come by id, and so do each user's orders",
            _UNSETTLED,
            "choosing-a-loader/3",
        ),
        "unharmed": Requirement(
            "afterwards `await user.awaitable_attrs.orders` gives all orders of that user",
            "`contains_eager` with a filter, and a filtered loader, fill `user.orders` itself. Everybody who uses this "
            "session then takes a part for the whole.",
            "choosing-a-loader/4",
        ),
        "kept": Requirement(
            "no unsaved change is lost, and orders that were loaded stay loaded, also with autoflush off",
            "`populate_existing`, `refresh` and `expire` clear away what the session holds: unsaved changes, and lists "
            "that the caller is about to read.",
            "choosing-a-loader/4",
        ),
        "held": Requirement(
            "it is also right when the session already holds these users with their orders",
            "A collection that is loaded stays as it is: what the query brings for it is discarded.",
            "choosing-a-loader/4",
        ),
        "budget": Requirement(
            "at most 3 + 2 * (N // 500) statements are sent for N users",
            "When users are asked about one by one, the number of statements grows with them: N+1.",
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
                await no_luck_with_order(db, User, Order)
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
            big = select(Order.user_id, Order.id).where(Order.cents >= cents)
            wanted = _grouped(await session.execute(big))
            exactly = set(await session.scalars(select(Order.id).where(Order.cents == cents)))
        async with db.sessions(autoflush=False) as session:
            kept: list[User] = []
            if fresh is not None:
                kept = list(await session.scalars(select(User).options(selectinload(User.orders))))
                for user in kept:
                    user.name = "a name not yet saved"
                    for order in user.orders:
                        order.cds = 99
            call = await lab.call(answer, session, cents, on=db, returns=list)
            pairs = lab.read("common/wrong-type", lambda: _as_pairs(call.value), call)
            if pairs is None:
                return {}
            ids = [user.id for user, _ in pairs]
            saw = f"{counted(len(ids), 'entry', 'entries')} for {counted(len(wanted), 'user')}"
            right = fine = lab.expect("members", sorted(ids) == sorted(wanted), saw, call)
            lab.expect("budget", call.sent <= 3 + 2 * (len(wanted) // 500), f"{call.sent} statements", call)
            lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
            for user, orders in pairs if right else ():
                seen = [order.id for order in orders]
                lacking = set(wanted[user.id]) - set(seen)
                only_exact = bool(lacking) and lacking <= exactly and set(seen) <= set(wanted[user.id])
                # The same list as in an empty session has nothing to do with what was loaded before.
                alike = fresh is None or fresh.get(user.id) == seen
                key = "held" if not alike else "exactly" if only_exact else "matching"
                saw = f"user {user.id} with {counted(len(seen), 'order')} instead of {len(wanted[user.id])}"
                if lab.expect(key, sorted(seen) == wanted[user.id], saw, call):
                    lab.expect("order", seen == sorted(seen), f"orders {_some(seen)}", call)
                else:
                    fine = False
            given = {user.id: [order.id for order in orders] for user, orders in pairs}
            lost = _lost(kept)
            for user in [user for user, _ in pairs] + kept:
                fine = await self._unharmed(lab, user, everything, call) and fine
            if fine:  # an answer with another fault is told of that one first
                lab.expect("kept", not lost, lost, call)
            return given

    async def _unharmed(self, lab: Lab, user: User, everything: dict[int, list[int]], call: Any) -> bool:
        try:
            key = user.id
            later = sorted(order.id for order in await user.awaitable_attrs.orders)
        except Exception as error:
            saw = f"reading user.orders raised {type(error).__name__}"
            return lab.expect("unharmed", False, saw, call)
        all_of_them = everything.get(key, [])
        saw = f"user {key} now has {counted(len(later), 'order')} in this session, {len(all_of_them)} in the shop"
        return lab.expect("unharmed", later == all_of_them, saw, call)


def _lost(users: list[User]) -> str:
    """What an answer took away from users with loaded orders and unsaved changes; "" for nothing."""
    for user in users:
        loaded = user.__dict__
        if "orders" not in loaded:
            return "the orders of a user were loaded before, and are not any more"
        if loaded.get("name") != "a name not yet saved":
            return f"an unsaved name is lost, it is now {loaded.get('name', 'expired')}"
        if any(order.__dict__.get("cds") != 99 for order in loaded["orders"]):
            return "an unsaved change of an order is lost"
    return ""


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
            "An inner join drops users without orders or without tags. GROUP BY gives one row for each combination of "
            "the columns it names.",
            "choosing-a-loader/5",
        ),
        "zero": Requirement(
            "no orders give 0 cents, no tags give 0 tags",
            "The sum of nothing is NULL in SQL. And an outer join that finds nothing still gives one row: `count()` "
            "without a column counts it.",
            "choosing-a-loader/5",
        ),
        "cents": Requirement(
            "the cents are the sum of the user's orders",
            "A join with the tags repeats each order for each tag, and the sum adds it up each time.",
            "choosing-a-loader/5",
        ),
        "equal": Requirement(
            "orders of the same amount are all added up",
            "DISTINCT works on amounts. It drops the repetitions of one order, and also a second order of the same "
            "amount.",
            "choosing-a-loader/5",
        ),
        "int": Requirement(
            "cents and tags are of type int",
            "A division gives a fraction. Cents are whole numbers as long as nobody divides them.",
            "choosing-a-loader/5",
        ),
        "tags": Requirement(
            "the tags are counted once each",
            "A join with the orders repeats each tag for each order.",
            "choosing-a-loader/5",
        ),
        "order": Requirement(
            "the users come by id",
            f"GROUP BY does not sort. {_UNSETTLED}",
            "choosing-a-loader/3",
        ),
        "budget": Requirement(
            "one statement is sent",
            "Two questions about the same users fit into one statement.",
            "choosing-a-loader/5",
        ),
        "objects": Requirement(
            "no user, order or tag object is loaded",
            "Numbers need no objects. `select(User)` makes them, with a loader and without.",
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
                await no_luck_with_order(db, User, Order)
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
        rows = lab.read("common/wrong-type", lambda: [(u, c, t) for u, c, t in call.value], call)
        if rows is None:
            return
        ids = [row[0] for row in rows]
        saw = f"{counted(len(ids), 'row')} for {counted(len(people), 'user')}"
        lab.expect("everyone", sorted(ids) == people, saw, call)
        lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
        for user, cents, tags in rows:
            amounts, count = spent.get(user, []), len(tagged.get(user, []))
            for what, seen, right in (("cents", cents, sum(amounts)), ("tags", tags, count)):
                saw = f"user {user}, {what}: {seen!r} instead of {right}"
                if right == 0 and seen != 0:
                    lab.expect("zero", False, saw, call)
                elif seen is None or lab.expect("int", type(seen) is int, saw, call):
                    # What DISTINCT leaves of the amounts, and nothing else, is a mistake of its own.
                    key = "equal" if what == "cents" and seen == sum(set(amounts)) else what
                    lab.expect(key, seen == right, saw, call)


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
            "An inner join, or a WHERE on the orders, drops users without orders. An outer join gives a user once for "
            "each order it finds.",
            "choosing-a-loader/5",
        ),
        "latest": Requirement(
            "each user comes with an order of the latest day",
            "Only the day tells which order is the latest. The one entered last, with the highest id, may be of an "
            "earlier day.",
            "choosing-a-loader/5",
        ),
        "ties": Requirement(
            "of several orders on that day the one with the highest id comes, and no other",
            "The latest day alone does not tell two orders of one day apart: both fit, or either.",
            "choosing-a-loader/5",
        ),
        "order": Requirement(
            "the users come by id",
            _UNSETTLED,
            "choosing-a-loader/3",
        ),
        "rows": Requirement(
            "at most two rows are fetched for each user",
            "Loading every order to keep one leaves the choice to Python and the cost to the database.",
            "choosing-a-loader/5",
        ),
        "budget": Requirement(
            "at most two statements are sent",
            "When users are asked about one by one, the number of statements grows with them: N+1.",
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
                await no_luck_with_order(db, User, Order)
                async with db.sessions() as session:
                    people = sorted(await session.scalars(select(User.id)))
                    rows = (await session.execute(select(Order.user_id, Order.ordered_on, Order.id))).all()
                async with db.sessions() as session:
                    call = await lab.call(answer, session, on=db, returns=list)
                    self._judge(lab, call, people, rows)
                lab.expect("rows", call.rows <= 2 * len(people), f"{call.rows} rows for {users} users", call)
                lab.expect("budget", call.sent <= 2, f"{call.sent} statements", call)

    def _judge(self, lab: Lab, call: Any, people: list[int], rows: Any) -> None:
        pairs = lab.read(
            "common/wrong-type", lambda: [_pair(user, order) for user, order in call.value], call
        )
        if pairs is None:
            return
        days: dict[int, dict[int, date]] = {user: {} for user in people}
        for user, day, order in rows:
            days[user][order] = day
        ids = [user for user, _ in pairs]
        single = list(ids)
        for user, mine in days.items():
            orders = [order for owner, order in pairs if owner == user]
            latest = {order for order in mine if mine[order] == max(mine.values())}
            if len(orders) == len(set(orders)) > 1 and latest.issuperset(orders):
                both = f"user {user}: {len(orders)} orders of the latest day, {_some(sorted(latest))}"
                lab.expect("ties", False, both, call)
                single = [each for each in single if each != user] + [user]
        saw = f"{counted(len(ids), 'entry', 'entries')} for {counted(len(people), 'user')}"
        lab.expect("everyone", sorted(single) == people, saw, call)
        lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
        for user, order in pairs:
            mine = days.get(user, {})
            best = max(mine, key=lambda number: (mine[number], number), default=None)
            if best is None:
                lab.expect("everyone", order is None, f"user {user} has no order, and {order} came", call)
            else:
                on = f" of {mine[order]}" if order in mine else ""
                saw = f"user {user}: order {order}{on} came, and {best} is of {mine[best]}"
                if lab.expect("latest", order in mine and mine[order] == mine[best], saw, call):
                    lab.expect("ties", order == best, saw, call)


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
            "joined-limit",
            "select(User) with joinedload(User.orders), order_by(User.id) and limit(10). The first ten users have "
            "40 orders. What comes?",
            (
                Choice("The 4 users who share the first ten rows", ""),
                Choice("10 users with 10 orders in all", ""),
                Choice("10 users with all 40 orders", "", True),
            ),
            "choosing-a-loader/3",
        ),
        Question(
            "after-the-filter",
            "User 3 has 6 orders, one of them big; the filtered query put that one into user.orders. Now the same "
            "session runs select(User) with selectinload(User.orders) for user 3. What is len(user.orders)?",
            (
                Choice("1: it was loaded before", "", True),
                Choice("6: it was loaded again", ""),
                Choice("7: the big one is there twice", ""),
            ),
            "choosing-a-loader/4",
        ),
        Question(
            "sum-beside-tags",
            "The orders add up to 1,235,375 cents. Now the query also joins each order's user, and the user's tags by "
            "an outer join. What does sum(Order.cents) give?",
            (
                Choice("The same, 1,235,375", ""),
                Choice("A few percent more", ""),
                Choice("About three times as much", "", True),
            ),
            "choosing-a-loader/5",
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
        "correlated": "said of a query inside another one that uses a value of the outer row",
    },
)

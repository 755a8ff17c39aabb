"""Lesson 08: two sides of a relationship, what `lazy` sends, and deletes that agree with the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, selectinload

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, OrderLine, Tag, User, user_tags

DAY = date(1998, 7, 1)


class OrderForAUser(Exercise):
    """Mend a function that appends to a list that is not loaded."""

    id = "relationships/an-order-for-a-user-in-hand"
    title = "An order for a user in hand"
    defines = "add_order"
    minutes = 8
    achieved = "add an object to an owner that is stored, without loading a list"
    users = (7,)
    requirements = {
        "stored": Requirement(
            "the order is in the session, flushed, with an id",
            "An order does not get into a session by pointing at a user that is in it.",
            "relationships/1",
        ),
        "owner": Requirement(
            "`order.user` is the user, and is read without a statement",
            "The number in `user_id` does not load the object.",
            "relationships/1",
        ),
        "in-list": Requirement(
            "if the user's orders were loaded, the order is among them, once",
            "A loaded list is told by the owner, and not by the key. Both an owner and an append tell it twice.",
            "relationships/1",
        ),
        "budget": Requirement(
            "one statement is sent, the INSERT",
            "Awaiting the list makes the error go away, and loads all orders in order to add one. And a `refresh` "
            "reads what an order that was given its user knows.",
            "relationships/1",
        ),
        "caller-commits": Requirement(
            "committing is left to the caller, whose rollback takes the order back",
            "Who opens a session decides what belongs together. A commit inside takes that away.",
            "sessions/1",
        ),
    }
    hints = (
        "Which touch fails, and is it needed? Look at the other side of the relationship.",
        "Give the order its user. What else does an order need before it is stored? Step 1 shows a warning.",
        "`order = Order(user=user, ...)`, `session.add(order)`, `await session.flush()`.",
    )
    afterword = (
        "The owner is given as an object, so a loaded list hears of it and an unloaded one stays unloaded. "
        "`add` puts the order into the session, `flush` gives it its id."
    )
    another = """
from sqlalchemy.orm.attributes import set_committed_value


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user_id=user.id, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    await session.flush()
    set_committed_value(order, "user", user)
    if "orders" in user.__dict__:
        set_committed_value(user, "orders", [*user.orders, order])
    return order
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Add an order to users whose list is not loaded, is loaded, and is empty."""
        async with lab.shop(7) as db:
            async with db.sessions() as session:
                visitor = (await session.scalars(select(User.id).where(~User.orders.any()))).one()
                before = await _orders(session)
            for user_id, loaded in ((2, False), (3, True), (visitor, True)):
                async with db.sessions() as session:
                    options = [selectinload(User.orders)] if loaded else []
                    user = await session.get_one(User, user_id, options=options)
                    label = "a list that is loaded" if loaded else "a list that is not loaded"
                    call = await self._add(answer, lab, db, session, user, label)
                    if lab.broken:
                        return
                    await session.rollback()
            async with db.sessions() as session:
                after = await _orders(session)
            saw = f"{counted(after - before, 'order')} stayed after the caller's rollback"
            lab.expect("caller-commits", after == before, saw, call)

    async def _add(self, answer: Any, lab: Lab, db: Any, session: Any, user: User, label: str) -> Call:
        known = len(user.orders) if "orders" in user.__dict__ else None
        call = await lab.call(answer, session, user, DAY, 2, 2998, on=db, returns=Order, label=label)
        order = call.value
        here = order in session and inspect(order).persistent and order.__dict__.get("id") is not None
        if not lab.expect("stored", here, "the order is not in the session, or has no id", call):
            return call
        async with db.sessions() as other:
            seen = (await other.get(Order, order.id)) is not None
        lab.expect("caller-commits", not seen, "another session sees it already", call)
        values = (order.user_id, order.ordered_on, order.cds, order.cents)
        saw = f"the order holds {values}"
        lab.expect("stored", values == (user.id, DAY, 2, 2998), saw, call)
        owner = lab.expect("owner", order.__dict__.get("user") is user, "the user is not loaded there", call)
        if known is not None and owner:
            times = sum(one is order for one in user.__dict__.get("orders", ()))
            whole = len(user.__dict__.get("orders", ())) == known + 1
            lab.expect("in-list", times == 1 and whole, f"it is there {times} times", call)
        lab.expect("budget", call.sent == 1, f"{call.sent} statements", call)
        return call


async def _orders(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(Order))).scalar_one()


async def _create(db: Any, base: type[DeclarativeBase]) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(base.metadata.create_all)


class DeleteAUser(Exercise):
    """Finish models so that both ways to delete do the same."""

    id = "relationships/delete-a-user"
    title = "Delete a user"
    defines = "club_models"
    minutes = 12
    achieved = "let the session's delete and the database's delete agree"
    users = (7,)
    requirements = {
        "sides": Requirement(
            "a purchase in a member's list knows its member at once, and a line its purchase",
            "Two relationships without `back_populates` do not know of each other.",
            "relationships/1",
        ),
        "database": Requirement(
            "a DELETE statement for a member takes purchases and lines along, and nobody else's",
            "A cascade of the session is none of the database's: the foreign key has to say it, at each level.",
            "relationships/4",
        ),
        "session": Requirement(
            "`session.delete(member)` takes purchases and lines along, and nobody else's",
            "Without a cascade the session sets the purchases free, whatever the foreign key says.",
            "relationships/3",
        ),
        "one-statement": Requirement(
            "deleting a member whose purchases are not loaded sends one statement",
            "A cascade loads what it deletes, unless it may leave that to the database.",
            "relationships/3",
        ),
        "orphan": Requirement(
            "a purchase that is taken out of its member's list is deleted",
            '`cascade="all, delete"` is for the owner\'s end. Leaving the list is `delete-orphan`.',
            "relationships/4",
        ),
        "owner-stays": Requirement(
            "deleting a purchase leaves its member, and the member's other purchases",
            "A cascade belongs to the owner's side. On the other side it deletes the owner.",
            "relationships/3",
        ),
        "required": Requirement(
            "a purchase without a member is refused by the database",
            "What can be without an owner is no part of it.",
            "models/1",
        ),
    }
    hints = (
        "Two rules are needed at each of the two levels: what the foreign key says, and what the list says.",
        "Step 3 names three settings. Which of them stands at the foreign key, and which two at the list?",
        '`owner_key("members.id")` and `owned(back_populates="member")`, and the same for the lines.',
    )
    afterword = (
        "`owner_key` writes ON DELETE CASCADE into the table, so the database takes the rows along, whoever "
        "deletes. `owned` tells the session the same and lets it leave unloaded lists alone: one DELETE, "
        "however much hangs below it."
    )
    another = """
def club_models(base):
    class Member(base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        purchases: Mapped[list["Purchase"]] = relationship(
            back_populates="member", cascade="all, delete-orphan", passive_deletes=True
        )

    class Purchase(base):
        __tablename__ = "purchases"
        id: Mapped[int] = mapped_column(primary_key=True)
        member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
        cents: Mapped[int]
        member: Mapped["Member"] = relationship(back_populates="purchases")
        lines: Mapped[list["Line"]] = relationship(
            back_populates="purchase", cascade="all, delete-orphan", passive_deletes=True
        )

    class Line(base):
        __tablename__ = "purchase_lines"
        id: Mapped[int] = mapped_column(primary_key=True)
        purchase_id: Mapped[int] = mapped_column(ForeignKey("purchases.id", ondelete="CASCADE"))
        cents: Mapped[int]
        purchase: Mapped["Purchase"] = relationship(back_populates="lines")

    return Member, Purchase, Line
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Delete members both ways, with lists loaded and not; take one out; delete one purchase."""
        async with lab.shop(7) as db:

            class Base(DeclarativeBase):
                pass

            call = await lab.call(answer, Base, returns=tuple, of=type, asynchronous=False)
            models = call.value
            if not lab.expect("sides", len(models) == 3, f"{len(models)} models were returned", call):
                return
            await _create(db, Base)
            if not await self._sides(lab, db, models):
                return
            async with lab.case("a purchase without a member"):
                lab.expect("required", await _refused(db, models[1]), "it was stored")
            if not await self._gone(lab, db, models, "database", _by_statement, "a DELETE statement"):
                return
            if await self._gone(lab, db, models, "session", _unloaded, "nothing is loaded"):
                await self._gone(lab, db, models, "session", _loaded, "all is loaded")
                call = await lab.call(_taken_out, db, models, on=db, blame="orphan", label="taken out")
                lab.same("orphan", call.value, _ALL - {13}, call)
            call = await lab.call(_one_purchase, db, models, blame="owner-stays", label="a purchase deleted")
            lab.same("owner-stays", call.value, _ALL - {13}, call)

    async def _sides(self, lab: Lab, db: Any, models: Any) -> bool:
        async with lab.case("new objects"):
            member, purchase, line = models[0](name="Zoë"), models[1](cents=5), models[2](cents=5)
            member.purchases.append(purchase)
            purchase.lines.append(line)
            lab.expect("sides", purchase.member is member, "the purchase does not know its member")
            lab.expect("sides", line.purchase is purchase, "the line does not know its purchase")
        return not lab.broken and not lab.raised

    async def _gone(self, lab: Lab, db: Any, models: Any, key: str, way: Any, label: str) -> bool:
        await _fill(db, models)
        call = await lab.call(way, db, models, on=db, blame=key, label=label)
        left = await _left(db, models)
        ok = lab.same(key, left, _ALL - {1, 11, 12, 13, 101}, call)
        if way is _unloaded and ok:
            sent = [each for each in call.statements if each.kind != "SELECT" or "purchase" in each.text]
            lab.expect(
                "one-statement", len(sent) == 1, f"{counted(len(sent), 'statement')} for the delete", call
            )
        return ok


_ALL = {1, 2, 11, 12, 13, 21, 101, 201}
"""Ids of all rows: members 1 and 2, their purchases 11 to 13 and 21, and lines 101 and 201."""


async def _fill(db: Any, models: Any) -> None:
    """Empty the three tables, and store two members with what they bought."""
    member, purchase, line = (model.__table__ for model in models)
    async with db.engine.begin() as connection:
        for table in (line, purchase, member):
            await connection.execute(delete(table))
        members = [{"id": key, "name": "Zoë"} for key in (1, 2)]
        await connection.execute(insert(member), members)
        bought = [{"id": key, "member_id": key // 10, "cents": 5} for key in (11, 12, 13, 21)]
        await connection.execute(insert(purchase), bought)
        lines = [{"id": 101, "purchase_id": 11, "cents": 5}, {"id": 201, "purchase_id": 21, "cents": 5}]
        await connection.execute(insert(line), lines)


async def _left(db: Any, models: Any) -> set[int]:
    async with db.engine.connect() as connection:
        return {key for model in models for key in await connection.scalars(select(model.__table__.c.id))}


async def _by_statement(db: Any, models: Any) -> None:
    async with db.engine.begin() as connection:
        await connection.execute(delete(models[0].__table__).where(models[0].__table__.c.id == 1))


async def _unloaded(db: Any, models: Any) -> None:
    async with db.sessions.begin() as session:
        await session.delete(await session.get(models[0], 1))


async def _loaded(db: Any, models: Any) -> None:
    member, purchase, _ = models
    async with db.sessions.begin() as session:
        options = [selectinload(member.purchases).selectinload(purchase.lines)]
        await session.delete(await session.get(member, 1, options=options))


async def _taken_out(db: Any, models: Any) -> set[int]:
    await _fill(db, models)
    member = models[0]
    async with db.sessions.begin() as session:
        owner = await session.get(member, 1, options=[selectinload(member.purchases)])
        owner.purchases.remove(next(each for each in owner.purchases if each.id == 13))
    return await _left(db, models)


async def _one_purchase(db: Any, models: Any) -> set[int]:
    await _fill(db, models)
    async with db.sessions.begin() as session:
        purchase = await session.get(models[1], 13, options=[selectinload(models[1].member)])
        await session.delete(purchase)
    return await _left(db, models)


async def _refused(db: Any, purchase: Any) -> bool:
    try:
        async with db.engine.begin() as connection:
            await connection.execute(insert(purchase.__table__).values(id=999, cents=5, member_id=None))
    except IntegrityError:
        return True
    return False


class LeftBehind(Exercise):
    """Find and remove what a database without foreign keys has left behind."""

    id = "relationships/what-was-left-behind"
    title = "What was left behind"
    defines = "remove_orphans"
    minutes = 12
    achieved = "clean up after a database that did not look at its foreign keys"
    users = (7, 7)
    requirements = {
        "orders": Requirement(
            "orders whose user is not there are removed",
            "`user_id` holds a number, whether or not there is such a user.",
            "relationships/4",
        ),
        "lines": Requirement(
            "lines whose order is not there are removed, those of removed orders as well",
            "What hangs below an orphan becomes one when that is removed. It has to go before it.",
            "relationships/4",
        ),
        "kept": Requirement(
            "everything else stays",
            "An order without lines, and a user without orders, are no orphans.",
            "relationships/1",
        ),
        "numbers": Requirement(
            "the numbers of removed orders and removed lines are returned",
            "What was removed is counted, and nothing else; nothing to remove is (0, 0).",
            "relationships/4",
        ),
        "budget": Requirement(
            "at most four statements are sent",
            "One statement per orphan is N+1 again. The database can compare two tables by itself.",
            "start-here/2",
        ),
        "caller-commits": Requirement(
            "committing is left to the caller",
            "Who opens a session decides what belongs together.",
            "sessions/1",
        ),
    }
    hints = (
        "Which of the two tables has to be cleaned first, if foreign keys are kept by now?",
        "`Order.user_id.not_in(select(User.id))` names the orphans. A line is to go if its order is not "
        "there, or is one of them.",
        "`good = select(Order.id).where(Order.user_id.in_(select(User.id)))`; then "
        "`delete(OrderLine).where(OrderLine.order_id.not_in(good))`, whose result has a `rowcount`.",
    )
    afterword = (
        "A line may stay if its order may stay, so both kinds of lines go in one statement, before the "
        "orders. Then nothing refers to the orphaned orders any more. `rowcount` tells how many rows a "
        "DELETE took."
    )
    another = """
async def remove_orphans(session):
    orders = (await session.scalars(select(Order.id).join(User, isouter=True).where(User.id.is_(None)))).all()
    lost = (
        select(OrderLine.id).join(Order, isouter=True).where(Order.id.is_(None) | Order.id.in_(orders))
    )
    lines = (await session.scalars(lost)).all()
    await session.execute(delete(OrderLine).where(OrderLine.id.in_(lines)))
    await session.execute(delete(Order).where(Order.id.in_(orders)))
    return len(orders), len(lines)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Clean a shop that lost users and orders, and one that lost nothing."""
        async with lab.shop(7) as db:
            await self._clean(answer, lab, db, "nothing is left behind", (0, 0))
        async with lab.shop(7) as db:
            async with _without_foreign_keys(db) as engine:
                wanted = await _lose(engine)
            await self._clean(answer, lab, db, "users and orders are lost", wanted)

    async def _clean(self, answer: Any, lab: Lab, db: Any, label: str, wanted: tuple[int, int]) -> None:
        async with db.engine.connect() as connection:
            users = set(await connection.scalars(select(User.id)))
            orders = dict((await connection.execute(select(Order.id, Order.user_id))).all())
            lines = dict((await connection.execute(select(OrderLine.id, OrderLine.order_id))).all())
        good = {key for key, user in orders.items() if user in users}
        async with db.sessions() as session:
            call = await lab.call(answer, session, on=db, returns=tuple, catch=IntegrityError, label=label)
            saw = "the database refused to delete an order that lines still refer to"
            if not lab.expect("lines", call.error is None, saw, call):
                return
            async with db.engine.connect() as connection:
                seen = await connection.scalar(select(func.count()).select_from(Order))
            commits = [each for each in call.statements.everything if "COMMIT" in each.text.upper()]
            early = bool(commits) or (wanted != (0, 0) and seen != len(orders))
            lab.expect("caller-commits", not early, "it was committed before the caller did", call)
            await session.commit()
        async with db.engine.connect() as connection:
            left_orders = set(await connection.scalars(select(Order.id)))
            left_lines = set(await connection.scalars(select(OrderLine.id)))
            left_users = set(await connection.scalars(select(User.id)))
        orphans = left_orders - good
        lab.expect(
            "orders", not orphans, f"still there: {counted(len(orphans), 'order')} without a user", call
        )
        lost = {key for key in left_lines if lines[key] not in good}
        lab.expect("lines", not lost, f"still there: {counted(len(lost), 'line')} without an order", call)
        missing = len(good - left_orders) + len(users - left_users)
        missing += sum(order in good and key not in left_lines for key, order in lines.items())
        lab.expect("kept", not missing, f"{counted(missing, 'row')} too many removed", call)
        if not orphans and not lost and not missing:
            lab.same("numbers", call.value, wanted, call)
        lab.expect("budget", call.sent <= 4, f"{call.sent} statements", call)


@asynccontextmanager
async def _without_foreign_keys(db: Any) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that does not look at its foreign keys, as SQLite does unless told."""
    if db.backend == "postgresql":
        async with db.engine.begin() as connection:
            for rule, table in (
                ("fk_orders_user_id_users", "orders"),
                ("fk_order_lines_order_id_orders", "order_lines"),
            ):
                await connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {rule}"))
        yield db.engine
        return
    engine = create_async_engine(db.url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _lose(engine: AsyncEngine) -> tuple[int, int]:
    """Delete two users and an order of another one; add an order without lines. Give what is left behind."""
    async with engine.begin() as connection:
        mine = select(Order.id).where(Order.user_id == 3).order_by(Order.id)
        lost = (await connection.scalars(mine)).first()
        orders = select(Order.id).where(Order.user_id.in_([2, 5]))
        number = len((await connection.scalars(orders)).all())
        below = select(func.count()).select_from(OrderLine)
        lines = await connection.scalar(below.where(OrderLine.order_id.in_(orders))) or 0
        lines += await connection.scalar(below.where(OrderLine.order_id == lost)) or 0
        await connection.execute(delete(Order).where(Order.id == lost))
        await connection.execute(delete(User).where(User.id.in_([2, 5])))
        empty = {"id": 900_001, "user_id": 3, "ordered_on": DAY, "cds": 0, "cents": 0}
        await connection.execute(insert(Order), [empty])
        return number, lines


class TheseTags(Exercise):
    """Replace a collection with as little as has to change."""

    id = "relationships/exactly-these-tags"
    title = "Exactly these tags"
    defines = "set_tags"
    core = False
    minutes = 10
    achieved = "replace a collection, and change no more than differs"
    users = (7,)
    requirements = {
        "exactly": Requirement(
            "afterwards the user has exactly these tags, each once",
            "Appending keeps what should go, and a name that comes twice is one tag.",
            "relationships/1",
        ),
        "reused": Requirement(
            "a tag that is there is used, and stays when nobody has it any more; others are made",
            "A tag is shared: it is nobody's to delete, and its name is unique.",
            "relationships/4",
        ),
        "readable": Requirement(
            "afterwards `user.tags` is read without a statement, and holds these tags",
            "A statement past the session leaves its objects as they were.",
            "relationships/1",
        ),
        "others": Requirement(
            "other users keep their tags",
            "A DELETE without a user is one for all users.",
            "relationships/4",
        ),
        "no-more": Requirement(
            "tags that the user keeps are not written again",
            "Emptying and filling touches every row, and wakes up whoever watches them.",
            "relationships/1",
        ),
        "budget": Requirement(
            "at most five statements are sent, and one for each tag that is made",
            "Asking for the tags one by one is N+1.",
            "start-here/2",
        ),
        "caller-commits": Requirement(
            "committing is left to the caller",
            "Who opens a session decides what belongs together.",
            "sessions/1",
        ),
    }
    hints = (
        "A list that is loaded may be replaced. The session works out what differs.",
        "Load the user's tags if need be, ask for all named tags in one statement, and make what is missing.",
        "`await user.awaitable_attrs.tags`, then `user.tags = [*found, *made]`, then a flush.",
    )
    afterword = (
        "The session compares the new list with the loaded one and sends what differs: a DELETE for what "
        "left, an INSERT for what came. Assigning to a list that is not loaded would fail, since there is "
        "nothing to compare with."
    )
    another = """
async def set_tags(session, user, names):
    wanted = set(names)
    mine = await user.awaitable_attrs.tags
    for tag in [tag for tag in mine if tag.name not in wanted]:
        mine.remove(tag)
    lacking = wanted - {tag.name for tag in mine}
    found = (await session.scalars(select(Tag).where(Tag.name.in_(lacking)))).all()
    mine.extend(found)
    mine.extend(Tag(name=name) for name in lacking - {tag.name for tag in found})
    await session.flush()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Change the tags of a user: some stay, some go, some come, some are new; then none; then the same."""
        async with lab.shop(7) as db:
            async with db.engine.begin() as connection:
                names = list(await connection.scalars(select(Tag.name).order_by(Tag.id)))
                await connection.execute(delete(user_tags))
                ids = dict((await connection.execute(select(Tag.name, Tag.id))).all())
                rows = [{"user_id": user, "tag_id": ids[name]} for user in (2, 3) for name in names[:3]]
                await connection.execute(insert(user_tags), rows)
                for statement in NOTING[db.backend]:
                    await connection.execute(text(statement))
            some = [names[4], names[0], "Fußball", names[0], "скрипка"]
            for wanted, label in (
                (some, "some stay, some go, two are new"),
                (some, "the same again"),
                ([], "no tags"),
                (names[:1], "one tag"),
            ):
                for loaded in (False, True):
                    async with lab.case(f"{label}{', the list is loaded' * loaded}"):
                        await self._set(answer, lab, db, wanted, loaded)

    async def _set(self, answer: Any, lab: Lab, db: Any, wanted: list[str], loaded: bool) -> None:
        before = await _tag_names(db, 3)
        all_tags = await _all_tags(db)
        async with db.engine.begin() as connection:
            await connection.execute(text("DELETE FROM taken_away"))
        async with db.sessions() as session:
            options = [selectinload(User.tags)] if loaded else []
            user = await session.get(User, 3, options=options)
            call = await lab.call(answer, session, user, list(wanted), on=db, catch=IntegrityError)
            saw = f"{type(call.error).__name__}: a name is there already"
            if not lab.expect("reused", call.error is None, saw, call):
                return
            tags = user.__dict__.get("tags")
            names = sorted(tag.name for tag in tags or ())
            commits = [each for each in call.statements.everything if "COMMIT" in each.text.upper()]
            lab.expect("caller-commits", not commits, "it was committed before the caller did", call)
            await session.commit()
        after = await _tag_names(db, 3)
        if not lab.same("exactly", after, sorted(set(wanted)), call):
            return
        lab.expect("readable", tags is not None and names == after, f"`user.tags` holds {names}", call)
        stored = await _all_tags(db)
        lab.expect("reused", all_tags <= stored, f"{sorted(all_tags - stored)} was deleted", call)
        others = await _tag_names(db, 2)
        lab.expect("others", len(others) == 3, f"another user has {counted(len(others), 'tag')} of 3", call)
        kept = sorted(set(before) & set(after) & await _deleted(db, 3))
        lab.expect("no-more", not kept, f"{', '.join(kept)} was taken away and given again", call)
        made = len(stored - all_tags)
        lab.expect("budget", call.sent <= 5 + made, f"{call.sent} statements", call)


async def _tag_names(db: Any, user_id: int) -> list[str]:
    async with db.engine.connect() as connection:
        mine = select(Tag.name).join(user_tags).where(user_tags.c.user_id == user_id)
        return sorted(await connection.scalars(mine))


async def _all_tags(db: Any) -> set[tuple[int, str]]:
    async with db.engine.connect() as connection:
        return set((await connection.execute(select(Tag.id, Tag.name))).all())


NOTING = {
    "sqlite": (
        "CREATE TABLE taken_away (user_id INTEGER, tag_id INTEGER)",
        "CREATE TRIGGER note AFTER DELETE ON user_tags BEGIN "
        "INSERT INTO taken_away VALUES (old.user_id, old.tag_id); END",
    ),
    "postgresql": (
        "CREATE TABLE taken_away (user_id INTEGER, tag_id INTEGER)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO taken_away VALUES (OLD.user_id, OLD.tag_id); RETURN OLD; END $$",
        "CREATE TRIGGER note AFTER DELETE ON user_tags FOR EACH ROW EXECUTE FUNCTION note()",
    ),
}
"""Statements after which the database notes each row of `user_tags` that is deleted, however it is."""


async def _deleted(db: Any, user_id: int) -> set[str]:
    """Names of the tags that were taken away from a user, even if they were given again."""
    noted = "SELECT name FROM taken_away JOIN tags ON id = tag_id WHERE user_id = :user"
    async with db.engine.connect() as connection:
        return set(await connection.scalars(text(noted), {"user": user_id}))


LESSON = Lesson(
    id="relationships",
    number="08",
    notebook="08_relationships",
    title="Relationships",
    promise="Both sides of a relationship together, what a touch may send, and deletes without a surprise.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "add an object to a stored owner without loading a list",
        "choose a `lazy` setting and say what a query then sends",
        "read the error of a delete that fails, and mend the model",
        "make the session's delete and the database's agree",
        "say what SQLite ignores unless it is told",
    ),
    exercises=(OrderForAUser(), DeleteAUser(), LeftBehind(), TheseTags()),
    recall=(
        Question(
            "who-fills-in",
            "A model has `default=uuid.uuid4` for its key. When has a new object a key?",
            (
                Choice("At the flush", "Right: a default is for the INSERT, and not for the object.", True),
                Choice(
                    "As soon as it is made",
                    "Then it would be in the constructor. Before the flush the attribute is None.",
                ),
                Choice(
                    "When the database answers",
                    "That is a `server_default`. This one is filled in by the program.",
                ),
            ),
            "models/1",
        ),
        Question(
            "same-object",
            "One session asks twice for user 3, by `get` and by a query. How many objects?",
            (
                Choice("One", "Right: the identity map knows one object per row.", True),
                Choice("Two, with equal values", "In two sessions. One session has one object per row."),
            ),
            "sessions/3",
        ),
    ),
    predictions=(
        Question(
            "order-with-user",
            "`Order(user=user, ...)` for a user of the session, then a flush. What is sent?",
            (
                Choice("An INSERT for the order", ""),
                Choice("A SELECT for the user's orders, and an INSERT", ""),
                Choice("Nothing", "", True),
            ),
            "relationships/1",
        ),
        Question(
            "delete-with-raise",
            'A member with three purchases and `lazy="raise"` is deleted. What happens at the flush?',
            (
                Choice("lazy='raise' refuses, and names the relationship", ""),
                Choice("The member and the purchases are deleted", ""),
                Choice("The purchases are loaded and updated, and the database refuses", "", True),
            ),
            "relationships/3",
        ),
        Question(
            "plain-sqlite",
            "On the plain engine: an order for user -1, and a delete of a user who has orders. What happens?",
            (
                Choice("The order is refused", ""),
                Choice("The order is stored, the delete is refused", ""),
                Choice("Both are done", "", True),
            ),
            "relationships/4",
        ),
    ),
    quiz=(
        Question(
            "add-to-an-owner",
            "A user of the session gets a new order; the list of orders is not loaded. What do you write?",
            (
                Choice(
                    "`session.add(Order(user=user, ...))`",
                    "Right: the list stays unloaded, and the order is in the session.",
                    True,
                ),
                Choice(
                    "`user.orders.append(Order(...))`",
                    "That touches the list first, which would have to be loaded: an error in async code.",
                ),
                Choice(
                    "`Order(user=user, ...)`, and a flush",
                    "The order is not in the session: a warning, and nothing is sent.",
                ),
            ),
            "relationships/1",
        ),
        Question(
            "what-raise-guards",
            'What does `lazy="raise"` guard against?',
            (
                Choice(
                    "A touch in your code that would load",
                    "Right, and only that. It does not change what the session does by itself.",
                    True,
                ),
                Choice(
                    "Any SELECT of that relationship",
                    "Loaders that a query names still load, and so does a delete, for the session's own work.",
                ),
                Choice(
                    "Rows that are deleted by accident",
                    "It knows nothing of deleting. Foreign keys do.",
                ),
            ),
            "relationships/3",
        ),
        Question(
            "only-on-delete",
            "A foreign key says ON DELETE CASCADE, and the relationship says nothing. What does `session.delete` do?",
            (
                Choice(
                    "It loads the children and sets their foreign key to NULL",
                    "Right: the relationship decides for the session, and without a word it sets free.",
                    True,
                ),
                Choice(
                    "It sends one DELETE, and the database does the rest",
                    "That takes `passive_deletes=True` and a cascade on the relationship.",
                ),
                Choice(
                    "It reads the foreign key and cascades",
                    "The session looks at the relationship alone. `cascade_gaps` compares the two.",
                ),
            ),
            "relationships/4",
        ),
    ),
    cheat=(
        'orders: Mapped[list["Order"]] = owned(back_populates="user")',
        'user_id: Mapped[int] = owner_key("users.id")',
        "assert cascade_gaps(Base) == []",
    ),
    terms={
        "back_populates": "names the other side of a relationship, so that both are kept together",
        "cascade": "what happens to related objects along with their owner",
        "orphan": "a row whose owner is not there, or an object that left its owner's list",
        "passive deletes": "leaving rows that are not loaded to the database's ON DELETE",
        "write-only": "a collection that can be added to and asked, and is never loaded as a list",
    },
)

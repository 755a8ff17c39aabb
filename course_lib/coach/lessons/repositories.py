"""Lesson 13: what a generic repository gets wrong, how each call is mended, and when a function is enough."""

import asyncio
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import async_sessionmaker

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, OrderLine, Product, Tag, User

VISITOR = 23_571
"""The first user without any order, in every shop of five users or more."""
MANY = 33_500
"""More ids than asyncpg takes parameters (32,767)."""


class SameOrder(Exercise):
    """Mend a lookup by keys, so that each key gets its answer."""

    id = "repositories/same-order"
    title = "In the same order"
    defines = "users_for"
    minutes = 8
    achieved = "give one answer for each key, however many keys there are"
    users = (7,)
    requirements = {
        "order": Requirement(
            "the users come in the order of the ids",
            "`IN` says which rows come, not in what order; and ORDER BY sorts by what it names, not by your list.",
            "repositories/1",
        ),
        "doubles": Requirement(
            "an id given twice gives the same user twice",
            "A set, and a query too, give each user once.",
            "repositories/1",
        ),
        "missing": Requirement(
            "an id that nobody has gives None in its place",
            "What is left out shifts everything behind it, and `zip` pairs the wrong ones.",
            "repositories/1",
        ),
        "nothing": Requirement(
            "no ids send nothing and give an empty list",
            "`IN` with an empty list is still a statement.",
            "repositories/1",
        ),
        "many": Requirement(
            "any number of ids is answered",
            "Each id is a parameter, and asyncpg takes 32,767 of them in one statement.",
            "repositories/1",
        ),
        "budget": Requirement(
            "at most 1 + N // 100 statements are sent for N ids",
            "One `get` for each id is N+1 by another name.",
            "repositories/1",
        ),
        "only": Requirement(
            "only rows of the ids are fetched",
            "Reading the whole table works as long as the table is small.",
            "repositories/1",
        ),
    }
    hints = (
        "Two jobs: fetch what there is, in any order; then answer along the list of ids.",
        "A dictionary from id to user makes the second job one line. `.get` gives None by itself.",
        "`for start in range(0, len(ids), 1000):` with `ids[start : start + 1000]` asks in batches, and does nothing "
        "for an empty list. At the end `return [found.get(key) for key in ids]`.",
    )
    afterword = (
        "The batches fill a dictionary in whatever order the database likes. The list of ids alone decides the answer: "
        "its order, its doubles, its gaps. For an empty list the loop has no round, so nothing is sent. "
        "`Repository.get_many` in `course_lib.patterns` is this for any model and any key."
    )
    another = """
from course_lib.patterns import Repository


async def users_for(session, ids):
    return await Repository(session, User).get_many(ids)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask in four ways for few ids, and once for very many."""
        cases: tuple[tuple[str, str, list[int]], ...] = (
            ("order", "ids 5, 2, 6, 1", [5, 2, 6, 1]),
            ("doubles", "ids 2, 2, 5", [2, 2, 5]),
            ("missing", f"ids 3, 999, {VISITOR}", [3, 999, VISITOR]),
        )
        async with lab.shop(7) as db:
            await no_luck_with_order(db, User)
            for key, label, ids in cases:
                wanted = [None if number == 999 else number for number in ids]
                async with lab.case(label), db.sessions() as session:
                    call = await lab.call(
                        answer, session, list(ids), on=db, returns=list, of=(User, type(None)), label=label
                    )
                    seen = [user and user.id for user in call.value]
                    lab.same(key, seen, wanted, call)
                    lab.expect("budget", call.sent <= 1, f"{counted(call.sent, 'statement')}", call)
                    distinct = len(set(ids))
                    lab.expect("only", call.rows <= distinct, f"{counted(call.rows, 'row')} fetched", call)
            async with lab.case("no ids"), db.sessions() as session:
                call = await lab.call(answer, session, [], on=db, returns=list, label="no ids")
                lab.same("nothing", call.value, [], call)
                lab.expect("nothing", call.sent == 0, f"{counted(call.sent, 'statement')} sent", call)
            if "budget" not in lab.broken:
                await self._very_many(answer, lab, db)

    async def _very_many(self, answer: Any, lab: Lab, db: Any) -> None:
        ids = list(range(1, MANY + 1))
        async with db.sessions() as session:
            expected = set(await session.scalars(select(User.id).where(User.id <= MANY)))
        label = f"{MANY:,} ids"
        async with lab.case(label), db.sessions() as session:
            call = await lab.call(
                answer, session, ids, on=db, returns=list, of=(User, type(None)), blame="many", label=label
            )
            seen = {user.id for user in call.value if user is not None}
            lab.expect("many", seen == expected, f"{len(seen)} of {len(expected)} users came", call)
            lab.expect("budget", call.sent <= 1 + MANY // 100, f"{call.sent} statements", call)


class NoTypos(Exercise):
    """Mend an update that believes every name."""

    id = "repositories/no-typos"
    title = "No typos"
    defines = "update"
    minutes = 10
    achieved = "write an update that refuses what would go wrong without a word"
    users = (7,)
    requirements = {
        "set": Requirement(
            "every value is set, on objects of any model, and stored by the caller's commit",
            "A value of 0 or an empty text is a value. And a generic function asks the object for its model.",
            "repositories/3",
        ),
        "sent": Requirement(
            "the UPDATE is sent before the function returns",
            "Setting an attribute notes a change. It is sent by a flush.",
            "repositories/3",
        ),
        "typo": Requirement(
            "a name that the model does not have raises AttributeError",
            "Python sets any name on an object, and nothing of it reaches the database.",
            "repositories/3",
        ),
        "class-names": Requirement(
            "a name of the class that is no column, such as `metadata`, raises AttributeError",
            "`hasattr` knows every name of the class. The columns are known to the mapper.",
            "repositories/3",
        ),
        "key": Requirement(
            "a name of the key raises AttributeError",
            "The key is a column too. Changing it moves the row away from everyone who kept it.",
            "repositories/3",
        ),
        "relationship": Requirement(
            "a relationship raises AttributeError",
            "`order.user = ...` is a mapped attribute, and moves the order to another user.",
            "repositories/3",
        ),
        "untouched": Requirement(
            "when a name is refused, the values beside it are not set either",
            "Names that are checked one by one, while setting, leave the first ones changed.",
            "repositories/3",
        ),
        "stranger": Requirement(
            "an object that is not in the session raises ValueError, and nothing is sent",
            "A flush sends the changes of this session's objects. Others are lost without a word.",
            "repositories/3",
        ),
    }
    hints = (
        "Check everything first; change something only when all of it is in order.",
        "`inspect(type(item)).column_attrs` gives the columns, `.primary_key` the columns of the key. "
        "`item in session` tells whether the object belongs here.",
        "`allowed = {attribute.key for attribute in mapper.column_attrs}`, without the keys: "
        "`{column.key for column in mapper.primary_key}`. If `values.keys() - allowed` holds anything, raise. "
        "At last `await session.flush()`.",
    )
    afterword = (
        "The mapper says what is a column and what is the key, so the list of allowed names is right for every model "
        "and stays right when a model grows. (In the shop, attributes and columns have the same names. Where they differ, "
        "`key_attributes` in `course_lib.patterns` finds the attributes of the key.)"
    )
    another = """
from course_lib.patterns import Repository


async def update(session, item, **values):
    return await Repository(session, type(item)).update(item, **values)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Set good values on two models; then try each kind of name, and two strangers."""
        async with lab.shop(7) as db:
            # Without autoflush nothing is sent unless somebody flushes.
            factory = async_sessionmaker(db.engine, expire_on_commit=False, autoflush=False)
            good: tuple[tuple[str, type[Any], dict[str, Any]], ...] = (
                ("a user's name and country", User, {"name": "Ada", "country": "PT"}),
                ("an order's amount and size", Order, {"cds": 7, "cents": 0}),
            )
            for label, model, values in good:
                async with lab.case(label), factory() as session:
                    item = await session.get_one(model, 3)
                    call = await lab.call(
                        answer, session, item, keywords=values, on=db, returns=model, blame="set", label=label
                    )
                    lab.expect("set", call.value is item, "another object came back", call)
                    kinds = [statement.kind for statement in call.statements]
                    lab.expect("sent", "UPDATE" in kinds, "no UPDATE was sent", call)
                    await session.commit()
                    async with db.sessions() as other:
                        stored = await other.get_one(model, 3)
                        found = {name: getattr(stored, name) for name in values}
                    lab.same("set", found, values, call)
            async with factory() as session:
                somebody = await session.get_one(User, 5)
                bad: tuple[tuple[str, str, type[Any], dict[str, Any]], ...] = (
                    ("typo", "emial=", User, {"emial": "x@example.com"}),
                    ("class-names", "metadata=", User, {"metadata": "x"}),
                    ("class-names", "registry=", Order, {"registry": "x"}),
                    ("key", "id=", User, {"id": 999_999}),
                )
                for key, label, model, values in bad:
                    await self._refused(answer, lab, db, factory, key, label, model, values)
                async with lab.case("user="):
                    order = await session.get_one(Order, 3)
                    call = await self._try(answer, lab, db, session, order, {"user": somebody}, "user=")
                    saw = type(call.error).__name__ if call.error else "it was accepted"
                    lab.expect("relationship", isinstance(call.error, AttributeError), saw, call)
            await self._untouched(answer, lab, db, factory)
            await self._strangers(answer, lab, db, factory)

    async def _try(
        self, answer: Any, lab: Lab, db: Any, session: Any, item: Any, values: dict[str, Any], label: str
    ) -> Any:
        errors = (AttributeError, ValueError, TypeError, KeyError, SQLAlchemyError)
        return await lab.call(answer, session, item, keywords=values, on=db, catch=errors, label=label)

    async def _refused(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        factory: Any,
        key: str,
        label: str,
        model: Any,
        values: dict[str, Any],
    ) -> None:
        async with lab.case(label), factory() as session:
            item = await session.get_one(model, 4)
            call = await self._try(answer, lab, db, session, item, values, label)
            saw = type(call.error).__name__ if call.error else "it was accepted"
            lab.expect(key, isinstance(call.error, AttributeError), saw, call)

    async def _untouched(self, answer: Any, lab: Lab, db: Any, factory: Any) -> None:
        label = "name= beside emial="
        async with lab.case(label), factory() as session:
            user = await session.get_one(User, 6)
            before = user.name
            values = {"name": "Ada", "emial": "x", "country": "PT"}
            call = await self._try(answer, lab, db, session, user, values, label)
            if not isinstance(call.error, AttributeError):
                return  # "typo" says so already
            # A savepoint that was rolled back expires the object, which is no change.
            name = user.__dict__.get("name", before)
            lab.expect("untouched", name == before, f"the name is {name}", call)
            if name == before:
                changed = session.is_modified(user)
                lab.expect("untouched", not changed, "the user has changes that wait for a flush", call)

    async def _strangers(self, answer: Any, lab: Lab, db: Any, factory: Any) -> None:
        async with factory() as session:
            detached = await session.get_one(User, 2)
        new = User(name="Ada", email="ada@example.com", country="PT")
        for label, user in (("a detached user", detached), ("a user never added", new)):
            async with lab.case(label), factory() as session:
                call = await self._try(answer, lab, db, session, user, {"name": "Somebody else"}, label)
                saw = type(call.error).__name__ if call.error else "it was accepted"
                lab.expect("stranger", isinstance(call.error, ValueError), saw, call)
                wrote = [each.kind for each in call.statements if each.kind != "SELECT"]
                lab.expect("stranger", not wrote, f"{', '.join(wrote)} was sent", call)


class Buyers(Exercise):
    """Replace three repositories by one query."""

    id = "repositories/buyers"
    title = "Who bought it?"
    defines = "buyers"
    minutes = 8
    achieved = "recognize a question that belongs in one `select`"
    users = (7,)
    requirements = {
        "members": Requirement(
            "all who have bought the product come, and no others",
            "A line belongs to an order, and the order to a user: the way leads over both foreign keys.",
            "repositories/5",
        ),
        "once": Requirement(
            "each user comes once",
            "A join gives a user for each line, and some buy a thing twice.",
            "choosing-a-loader/1",
        ),
        "order": Requirement(
            "the users come by id",
            "Without ORDER BY the database chooses the order. DISTINCT does not promise one either.",
            "repositories/4",
        ),
        "nobody": Requirement(
            "a product that nobody has bought, or that does not exist, gives an empty list",
            "No buyers is an answer: an empty list, and neither None nor an error.",
            "sessions/2",
        ),
        "budget": Requirement(
            "one statement is sent",
            "Methods for one table each make the caller ask again for every row: N+1.",
            "repositories/5",
        ),
        "rows": Requirement(
            "no more rows are fetched than users come",
            "Doubles that Python removes were sent over the network first.",
            "choosing-a-loader/2",
        ),
    }
    hints = (
        "Say the question as one sentence: users for whom there is an order with a line of this product.",
        '`User.orders.any(...)` is "there is an order with", and it can stand inside another one. Or use a join '
        "with `distinct()`.",
        "`select(User).where(User.orders.any(Order.lines.any(OrderLine.product_id == product_id)))`, and an ORDER BY.",
    )
    afterword = (
        "`any` becomes EXISTS: the database looks for one matching line for each user and stops there, so nobody comes "
        "twice. The repositories' methods were not wrong. The question was about three tables at once."
    )
    another = """
async def buyers(session, product_id):
    statement = (
        select(User)
        .join(User.orders)
        .join(Order.lines)
        .where(OrderLine.product_id == product_id)
        .distinct()
        .order_by(User.id)
    )
    return list(await session.scalars(statement))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Put a new product into orders of four users, for one of them three times."""
        async with lab.shop(7) as db:
            async with db.engine.begin() as connection:
                rows = [
                    {"id": 900_001 + n, "title": "x", "artist": "x", "cents": 999, "stock": 1} for n in (0, 1)
                ]
                await connection.execute(insert(Product), rows)
                late = {"id": 900_001, "user_id": 5, "ordered_on": date(1998, 7, 1), "cds": 2, "cents": 1998}
                await connection.execute(insert(Order), [late])
            async with db.sessions() as session:
                first = select(Order.user_id, func.min(Order.id)).group_by(Order.user_id)
                order_of = dict((await session.execute(first)).all())
            wanted = [1, 3, 5, 6]
            orders = [order_of[6], order_of[3], order_of[5], 900_001, 900_001, order_of[1]]
            lines = [
                {"id": 900_001 + n, "order_id": order, "product_id": 900_001, "quantity": 1, "cents": 999}
                for n, order in enumerate(orders)
            ]
            async with db.engine.begin() as connection:
                await connection.execute(insert(OrderLine), lines)
            await no_luck_with_order(db, User, Order, OrderLine)
            async with lab.case("a product with four buyers"), db.sessions() as session:
                call = await lab.call(answer, session, 900_001, on=db, returns=list, of=User)
                ids = [user.id for user in call.value]
                lab.expect("members", set(ids) == set(wanted), f"users {_some(sorted(set(ids)))}", call)
                if lab.expect("once", len(ids) == len(set(ids)), f"users {_some(ids)}", call):
                    lab.expect("order", ids == sorted(ids), f"users {_some(ids)}", call)
                    saw = f"{counted(call.rows, 'row')} for {counted(len(ids), 'user')}"
                    lab.expect("rows", call.sent > 1 or call.rows <= len(ids), saw, call)
                lab.expect("budget", call.sent <= 1, f"{call.sent} statements", call)
            for label, product in (("a product without buyers", 900_002), ("no such product", -1)):
                async with lab.case(label), db.sessions() as session:
                    call = await lab.call(answer, session, product, on=db, catch=Exception, label=label)
                    saw = type(call.error).__name__ if call.error else repr(call.value)
                    lab.expect("nobody", call.error is None and call.value == [], saw, call)


def _some(values: list[int]) -> str:
    return (", ".join(map(str, values[:6])) + (", ..." if len(values) > 6 else "")) or "none"


class TagNamed(Exercise):
    """Find a tag or make it, though somebody else may be quicker."""

    id = "repositories/tag-named"
    title = "Find it or make it"
    defines = "tag_named"
    core = False
    minutes = 12
    achieved = "store what may be there already without endangering what came before"
    users = (7,)
    requirements = {
        "there": Requirement(
            "a tag with its id comes, the stored one or a new one, and there is one of that name",
            "A new object has no id before its flush.",
            "sessions/4",
        ),
        "exact": Requirement(
            "names are compared as they are",
            "LIKE and ILIKE take `%` and `_` for patterns, and ILIKE takes Jazz for jazz.",
            "repositories/2",
        ),
        "caller": Requirement(
            "nothing is committed: the caller's rollback takes a new tag back",
            "A function that is given a session does not know what else lies in the transaction.",
            "sessions/1",
        ),
        "race": Requirement(
            "when somebody else stores the name between question and INSERT, theirs comes (PostgreSQL)",
            "Between a question and an INSERT there is time. Only the unique constraint settles who was first.",
            "repositories/2",
        ),
        "kept": Requirement(
            "then too, what the caller did before in this session stays (PostgreSQL)",
            "A rollback undoes the whole transaction. Going back to a savepoint undoes what came after it.",
            "repositories/2",
        ),
    }
    hints = (
        "Ask. If there is none, try to store one where a refusal does no harm. If it was refused, what is there now?",
        "`async with session.begin_nested():` around the `add` alone, and the `except` around all of that.",
        "First `found = (await session.scalars(select(Tag).where(Tag.name == name))).one_or_none()`. After an "
        "IntegrityError the same question once more: now the tag is there.",
    )
    afterword = (
        "The question saves the INSERT in the common case, and the savepoint makes the rare case harmless. After the "
        "refusal the tag is there, so the same question finds it: PostgreSQL's default, READ COMMITTED, lets each "
        "statement see what was committed before it."
    )
    another = """
from sqlalchemy.dialects import postgresql, sqlite


async def tag_named(session, name):
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    await session.execute(dialect.insert(Tag).values(name=name).on_conflict_do_nothing())
    return (await session.scalars(select(Tag).where(Tag.name == name))).one()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask for a tag that is there, a new one, look-alikes; then be quicker than the answer."""
        async with lab.shop(7) as db:
            async with db.sessions() as session:
                jazz = await session.scalar(select(Tag.id).where(Tag.name == "jazz"))
            async with lab.case("jazz, which is there"), db.sessions() as session:
                call = await lab.call(answer, session, "jazz", on=db, returns=Tag)
                lab.same("there", (call.value.id, call.value.name), (jazz, "jazz"), call)
            async with lab.case("polka, which is new"), db.sessions() as session:
                call = await lab.call(answer, session, "polka", on=db, returns=Tag)
                known = call.value.id is not None and call.value.name == "polka"
                lab.expect("there", known, f"{call.value!r}", call)
                await session.rollback()
                lab.expect("caller", not await _ids(db, "polka"), "the new tag outlived a rollback", call)
            for name in ("Jazz", "ja%"):
                async with lab.case(f"{name}, which is new"), db.sessions() as session:
                    call = await lab.call(answer, session, name, on=db, returns=Tag)
                    lab.expect("exact", call.value.name == name, f"the tag {call.value.name} came", call)
            async with lab.case("mambo, committed by the caller"), db.sessions() as session:
                call = await lab.call(answer, session, "mambo", on=db, returns=Tag)
                await session.commit()
                stored = await _ids(db, "mambo")
                lab.same("there", [call.value.__dict__.get("id")], stored, call)
            if lab.backend == "postgresql" and "there" not in lab.broken:
                await self._race(answer, lab, db)

    async def _race(self, answer: Any, lab: Lab, db: Any) -> None:
        """Hold the name back, uncommitted, until the answer waits for it."""
        async with lab.case("somebody is quicker"), db.sessions() as other, db.sessions() as session:
            theirs = Tag(name="skiffle")
            other.add(theirs)
            await other.flush()
            session.add(Tag(name="flushed before"))
            await session.flush()
            session.add(Tag(name="not yet flushed"))
            over = asyncio.Event()
            helper = asyncio.create_task(_commit_when_awaited(db, other, over))
            try:
                # No `on=`: the questions of the helper would be taken for the answer's.
                call = await lab.call(answer, session, "skiffle", returns=Tag, blame="race")
            finally:
                over.set()  # cancelling the helper could hit it in the middle of its commit
                await helper
            number = call.value.__dict__.get("id")
            lab.same("race", number, theirs.id, call)
            await session.commit()
            for name in ("flushed before", "not yet flushed"):
                lab.expect("kept", await _ids(db, name), f"{name!r} is lost", call)


async def _ids(db: Any, name: str) -> list[int]:
    async with db.sessions() as session:
        return list(await session.scalars(select(Tag.id).where(Tag.name == name)))


async def _commit_when_awaited(db: Any, other: Any, over: asyncio.Event) -> None:
    """Commit once somebody waits for a lock of this database; give up when the answer is through."""
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
        "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
    )
    while not over.is_set():
        async with db.engine.connect() as connection:
            if await connection.scalar(waiting):
                await other.commit()
                return
        await asyncio.sleep(0.002)


LESSON = Lesson(
    id="repositories",
    number="13",
    notebook="13_repositories",
    title="Repositories",
    promise="What a widespread repository loses without a word, how each call is mended, and when a function is enough.",
    minutes=25,
    exercise_minutes=35,
    objectives=(
        "fetch many objects by key, one answer for each key, in order",
        "let a refused row fail alone, with earlier work intact",
        "name what `setattr` takes and no repository should",
        "say what a generic class cannot know about a model",
        "tell a question for a repository from one for a `select`",
    ),
    exercises=(SameOrder(), NoTypos(), Buyers(), TagNamed()),
    recall=(
        Question(
            "held-and-asked",
            "A session holds user 3. You call `session.get(User, 3)`, then run `select(User).where(User.id == 3)`. "
            "How many statements are sent?",
            (
                Choice(
                    "1: `get` finds the user in the identity map, the query asks",
                    "Right. Only `get` looks in the map first.",
                    True,
                ),
                Choice("0: both find the user in the identity map", "A query always asks the database."),
                Choice("2: each asks the database", "`get` looks in the identity map before it asks."),
            ),
            "sessions/3",
        ),
        Question(
            "one-sum-per-user",
            "You need the sum of the orders for each user, and no objects. What sends the fewest statements and rows?",
            (
                Choice(
                    "One `select` with `func.sum` and `group_by`",
                    "Right: one statement, one row for each user.",
                    True,
                ),
                Choice(
                    "`selectinload(User.orders)`, and `sum` in Python",
                    "Two statements, and a row for every single order.",
                ),
                Choice(
                    "The orders of each user, one user after the other",
                    "That is N+1, however it is dressed.",
                ),
            ),
            "choosing-a-loader/5",
        ),
    ),
    predictions=(
        Question(
            "what-comes-back",
            "get_many([3, 1, 3, 999]): the ids of the users that come back?",
            (
                Choice("3, 1, 3, and None", ""),
                Choice("3, 1, 3", ""),
                Choice("1, 3", "", True),
                Choice("It raises, because nobody has the id 999", ""),
            ),
            "repositories/1",
        ),
        Question(
            "after-a-duplicate",
            "skiffle is created, jazz is refused, the error is caught. Then the same session asks for user 3. What now?",
            (
                Choice("The user comes, and skiffle can still be committed", ""),
                Choice("The user comes, but skiffle is gone", ""),
                Choice("The question raises, but skiffle is safe: it was flushed before", ""),
                Choice("The question raises, and skiffle will be lost", "", True),
            ),
            "repositories/2",
        ),
        Question(
            "a-typo",
            "update(user, emial=...), with a flush behind it. What happens?",
            (
                Choice("AttributeError, when the name is set", ""),
                Choice("An error of the database at the flush: no such column", ""),
                Choice("A warning", ""),
                Choice("Nothing: no error, no statement", "", True),
            ),
            "repositories/3",
        ),
    ),
    quiz=(
        Question(
            "zipped",
            "`names = dict(zip(ids, await users.get_many(ids)))` with the recipe's get_many, and one of the ids is "
            "gone. What does `names` hold?",
            (
                Choice(
                    "Users under ids that are not theirs",
                    "Right: what is left out shifts the rest, and `zip` does not complain.",
                    True,
                ),
                Choice(
                    "None for the id that is gone",
                    "That is what the mended one gives. The recipe's leaves it out.",
                ),
                Choice(
                    "Nothing: `zip` raises, the lengths differ",
                    "`zip` stops at the shorter one, unless you write `strict=True`.",
                ),
            ),
            "repositories/1",
        ),
        Question(
            "hasattr-repair",
            "A colleague mends update: `if not hasattr(item, name): raise AttributeError(name)`. What still gets "
            "through?",
            (
                Choice(
                    "The key, relationships, and names such as `metadata`",
                    "Right: the class has them all. What is a column, only the mapper tells.",
                    True,
                ),
                Choice(
                    "Nothing: a model has its columns and no more", "It also inherits names, and has a key."
                ),
                Choice("Typos", "Those it stops: the object has no such attribute."),
            ),
            "repositories/3",
        ),
        Question(
            "where-does-it-go",
            "A page shows the ten artists whose CDs sold best this month. Where does that query go?",
            (
                Choice(
                    "Into a function that takes a session and runs one `select`",
                    "Right. It may well live in the file where the repository is.",
                    True,
                ),
                Choice(
                    "Into the generic repository, so that every model has it",
                    "Then every model has a method that makes sense for one of them.",
                ),
                Choice(
                    "Nowhere: call `get_many` of the three repositories and add up in Python",
                    "That fetches all lines, products and orders to show ten names.",
                ),
            ),
            "repositories/5",
        ),
    ),
    cheat=(
        "async with session.begin_nested():",
        "inspect(User).column_attrs",
        "inspect(User).primary_key",
        "await Repository(session, User).get_many(keys)",
    ),
    terms={
        "repository": "a class between your code and the session, with a few named operations for a model",
        "mapper": "what SQLAlchemy knows about a class: its columns, its key, its relationships",
        "composite key": "a primary key of several columns; its value is a tuple",
    },
)

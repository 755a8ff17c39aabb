"""Lesson 11: what goes out for many new rows, what comes back, and what gets lost on the way."""

from collections import Counter, deque
from typing import Any

from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.lens.statements_view import counted
from course_lib.shop import Product, Tag, User, user_tags

_OPEN = "The caller opened the transaction, with work of its own in it. Who opens it ends it."
_EMPTY = "An empty list beside an INSERT counts as no values at all: one row of nothing but defaults."


async def _sent_by_flush(lab: Lab, db: Any, session: Any) -> int:
    """Statements that the answer left for the session to send."""
    with lab.watch(db) as sql:
        await session.flush()
    return sql.sent


class NewOnTheShelf(Exercise):
    """Turn a loop of flushes into few statements, for no rows as well."""

    id = "bulk-inserts/new-on-the-shelf"
    title = "New on the shelf"
    defines = "add_products"
    minutes = 6
    achieved = "insert a list of rows in one statement, and nothing for an empty one"
    users = (0, 1)
    requirements = {
        "stored": Requirement(
            "every row becomes a product of its own, with its title, artist and cents, and a stock of 0",
            "Two equal rows are two products, and the last page of a list is seldom a full one.",
            "bulk-inserts/2",
        ),
        "number": Requirement(
            "the number of rows is returned",
            "The last statement may have had a page of the rows only.",
            "bulk-inserts/2",
        ),
        "nothing": Requirement(
            "no rows store nothing, and 0 is returned",
            _EMPTY,
            "bulk-inserts/2",
        ),
        "kept": Requirement(
            "the caller's rows stay as they are",
            "The caller's dicts are not yours: write what is to be added into new ones.",
            "bulk-inserts/2",
        ),
        "ids": Requirement(
            "the database gives the ids: the next product can be added as before",
            "An id that you work out yourself is one that PostgreSQL's counter knows nothing about, and gives out again.",
            "bulk-inserts/1",
        ),
        "budget": Requirement(
            "at most 2 + N // 500 statements are sent for N rows",
            "Every object that is added is owed its id, and on SQLite the ids are fetched one by one.",
            "bulk-inserts/1",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "Who needs the products as objects here? The caller asks for their number.",
        "`execute` takes an INSERT and, beside it, a list of dicts: step 2. What does it do with an empty list?",
        'Make new dicts, `{**row, "stock": 0}`, and send them with `session.execute(insert(Product), ...)` if there '
        "are any.",
    )
    afterword = (
        "One INSERT, run with all sets of values. No object is made, and no id comes back, because nobody asked for "
        "one. The `if` is for the nights on which the list is empty."
    )
    another = """
from course_lib.patterns import insert_rows


async def add_products(session, rows):
    return await insert_rows(session, Product, ({**row, "stock": 0} for row in rows))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Add 1,200 products with repeats, one, and none, and add one more behind them."""
        for users, count in ((0, 1200), (1, 1)):
            async with lab.shop(users) as db:
                rows = [_product(number) for number in range(count)]
                await self._add(answer, lab, db, rows)
                await self._add_none(answer, lab, db)

    async def _add(self, answer: Any, lab: Lab, db: Any, rows: list[dict[str, Any]]) -> None:
        before = await _count(db, Product)
        given = [dict(row) for row in rows]
        async with db.sessions() as session:
            last = await session.scalar(select(func.max(Product.id)))
            label = counted(len(rows), "row")
            call = await lab.call(answer, session, given, on=db, returns=int, label=label)
            sent = call.sent + await _sent_by_flush(lab, db, session)
            lab.expect("budget", sent <= 2 + len(rows) // 500, f"{counted(sent, 'statement')}", call)
            lab.expect("number", call.value == len(rows), f"{call.value!r} for {label}", call)
            lab.expect("kept", given == rows, f"afterwards the first row was {given[0]!r}", call)
            columns = select(Product.title, Product.artist, Product.cents, Product.stock).where(
                Product.id > last
            )
            found = Counter(tuple(row) for row in await session.execute(columns))
            wanted = Counter((row["title"], row["artist"], row["cents"], 0) for row in rows)
            saw = f"{counted(found.total(), 'new product')}, {_differing(found, wanted)} of the {label} not as asked"
            lab.expect("stored", found == wanted, saw, call)
            session.add(Product(title="One more", artist="The Last", cents=999, stock=1))
            error = None
            try:
                await session.flush()
            except Exception as raised:
                error = raised
            lab.expect("ids", error is None, f"adding one more product raised {type(error).__name__}", call)
            await session.rollback()
        after = await _count(db, Product)
        lab.expect("open", after == before, f"{after - before} products survived the rollback", call)

    async def _add_none(self, answer: Any, lab: Lab, db: Any) -> None:
        async with db.sessions() as session:
            before = await session.scalar(select(func.count()).select_from(Product))
            call = await lab.call(answer, session, [], on=db, blame="nothing", label="no rows")
            after = await session.scalar(select(func.count()).select_from(Product))
            saw = f"{call.value!r} was returned, and {counted(after - before, 'product')} stored"
            lab.expect("nothing", call.value == 0 and after == before, saw, call)


def _product(number: int) -> dict[str, Any]:
    return {"title": f"Blé noir {number // 2}", "artist": "The Equals", "cents": 999 + number // 2}


def _differing(found: Counter[Any], wanted: Counter[Any]) -> int:
    return max((found - wanted).total(), (wanted - found).total())


async def _count(db: Any, model: Any) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


class NumbersForEverybody(Exercise):
    """Match new ids with the rows they belong to."""

    id = "bulk-inserts/numbers-for-everybody"
    title = "Numbers for everybody"
    defines = "add_users"
    minutes = 10
    achieved = "get new ids back, each for its own row, in few statements"
    users = (7, 7)
    requirements = {
        "stored": Requirement(
            "every row is stored with its name, email and country as they are",
            "What you match by has to be stored as it came.",
            "bulk-inserts/2",
        ),
        "ids": Requirement(
            "the ids given are those of the new users",
            "Ids have gaps, and several people have the same name. Neither counting nor a name leads to the id.",
            "bulk-inserts/3",
        ),
        "order": Requirement(
            "the first id belongs to the first row, the second to the second, and so on",
            "Neither RETURNING nor a SELECT without ORDER BY promises an order.",
            "bulk-inserts/3",
        ),
        "nothing": Requirement(
            "no rows store nothing and give an empty list",
            _EMPTY,
            "bulk-inserts/2",
        ),
        "budget": Requirement(
            "at most 3 + 2 * (N // 500) statements are sent for N rows",
            "Ids in the order of the rows cost one statement for each row on SQLite, with `add_all` and with "
            "`sort_by_parameter_order`.",
            "bulk-inserts/3",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "What do you know of each row before it is stored, and nobody else has?",
        "`returning` takes several columns. Ask for the id together with what you know.",
        "`insert(User).returning(User.email, User.id)` gives pairs for a dict; then look up each row's email in it.",
    )
    afterword = (
        "Each pair that comes back carries its own address label, the email. So the order of the pairs does not "
        "matter, and pages of 1,000 are enough on both backends."
    )
    another = """
async def add_users(session, rows):
    if not rows:
        return []
    await session.execute(insert(User), rows)
    emails = [row["email"] for row in rows]
    id_of = {}
    for start in range(0, len(emails), 500):
        found = select(User.email, User.id).where(User.email.in_(emails[start : start + 500]))
        id_of.update((await session.execute(found)).all())
    return [id_of[email] for email in emails]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Add 1,200 users, three, and none, where ids have gaps and rows come back in no order of ours."""
        for count in (1200, 3):
            async with lab.shop(7) as db:
                if db.backend == "postgresql":
                    async with db.engine.begin() as connection:
                        await connection.execute(text("ALTER SEQUENCE users_id_seq INCREMENT BY 7"))
                event.listen(db.engine.sync_engine, "after_cursor_execute", _backwards)
                rows = [_person(number * 7919 % 1201) for number in range(count)]
                await self._add(answer, lab, db, rows)
                before = await _count(db, User)
                async with db.sessions() as session:
                    call = await lab.call(answer, session, [], on=db, blame="nothing", label="no rows")
                    more = (await session.scalar(select(func.count()).select_from(User)) or 0) - before
                    saw = f"{call.value!r}, and {counted(more, 'user')} stored"
                    lab.expect("nothing", call.value == [] and not more, saw, call)

    async def _add(self, answer: Any, lab: Lab, db: Any, rows: list[dict[str, Any]]) -> None:
        label = counted(len(rows), "row")
        async with db.sessions() as session:
            given = [dict(row) for row in rows]
            call = await lab.call(answer, session, given, on=db, returns=list, of=int, label=label)
            sent = call.sent + await _sent_by_flush(lab, db, session)
            lab.expect("budget", sent <= 3 + 2 * (len(rows) // 500), counted(sent, "statement"), call)
            found = select(User.email, User.id, User.name, User.country).where(User.id > 23_571)
            users = {email: rest for email, *rest in await session.execute(found)}
            as_sent = {row["email"]: (row["name"], row["country"]) for row in rows}
            right = {email: (name, country) for email, (_, name, country) in users.items()} == as_sent
            saw = f"{counted(len(users), 'new user')}, not all of them as in the rows"
            if lab.expect("stored", right, saw, call):
                wanted = [users[row["email"]][0] for row in rows]
                saw = f"{_some(call.value)} instead of {_some(wanted)}"
                if lab.expect("ids", sorted(call.value) == sorted(wanted), saw, call):
                    lab.expect("order", call.value == wanted, saw, call)
            await session.rollback()
        stayed = await _count(db, User) - 7
        lab.expect("open", not stayed, f"{counted(stayed, 'user')} survived the rollback", call)


def _person(number: int) -> dict[str, Any]:
    return {
        "name": f"Jo {number % 5}",
        "email": f"Jö.{number}@example.org",
        "country": ("NL", "BE")[number % 2],
    }


def _backwards(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    """Let rows come backwards where the SQL does not name an order, as a database is free to do."""
    rows = getattr(cursor, "_rows", None)
    if rows and "ORDER BY" not in statement.upper():
        cursor._rows = deque(reversed(rows))


def _some(values: list[Any]) -> str:
    return ", ".join(map(repr, values[:4])) + (", ..." if len(values) > 4 else "") or "nothing"


class _OffersBase(DeclarativeBase):
    """The check's own table: nobody can have prepared for it."""


class Offer(_OffersBase):
    """What a supplier offers. An attribute and a column with different names, and two kinds of default."""

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    cents: Mapped[int | None] = mapped_column("price")
    artist: Mapped[str | None] = mapped_column(server_default="unknown")
    copies: Mapped[int | None] = mapped_column(default=1)


class WhateverTheySend(Exercise):
    """Review a fast insert that loses values, and make it lose none."""

    id = "bulk-inserts/whatever-they-send"
    title = "Whatever they send"
    defines = "store"
    minutes = 14
    achieved = "store rows of any shape without losing a value"
    users = (0,)
    requirements = {
        "values": Requirement(
            "each value is stored under the attribute that the row names",
            "A connection knows columns and no attributes, and drops a name that it does not know.",
            "bulk-inserts/4",
        ),
        "defaults": Requirement(
            "what a row does not name gets the column's default",
            "A None is a value of its own. Only what is left out of the INSERT gets its default.",
            "bulk-inserts/4",
        ),
        "none": Requirement(
            "a None is stored as NULL, also where the column has a default",
            'A session takes None for "not given", and the default steps in.',
            "bulk-inserts/4",
        ),
        "unknown": Requirement(
            "a name that is no column attribute of the model raises ValueError, and nothing is stored",
            "A session drops a name it does not know. `hasattr` knows names like `metadata`, and what was sent before "
            "the bad row is stored.",
            "bulk-inserts/4",
        ),
        "nothing": Requirement(
            "no rows store nothing",
            _EMPTY,
            "bulk-inserts/2",
        ),
        "budget": Requirement(
            "at most 2 * G + N // 250 statements are sent for N rows with G different sets of names",
            "What is alike goes out together only where it stands in a row: sort it into groups first. "
            "Names in another order are the same set.",
            "bulk-inserts/4",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "Four traps are in it: a name the connection does not know, an uneven row, a None, a typo. And the empty list.",
        "Look at all rows before you send any: are the names known, and which rows name the same? "
        "`inspect(model).column_attrs.keys()` gives the names of the attributes.",
        "A dict of lists, with `frozenset(row)` as its key. Then, for each list, `session.execute(insert(model), alike, "
        'execution_options={"render_nulls": True})`.',
    )
    afterword = (
        "First everything is looked at, then it is sent, so a typo in the last row stops all of them. The groups make "
        "uneven rows even, the session translates attributes into columns, and `render_nulls` lets a None be a None. No "
        "rows, no groups."
    )
    another = """
from course_lib.patterns import insert_rows


async def store(session, model, rows):
    await insert_rows(session, model, rows, size=max(1, len(rows)))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Send uneven rows in turn, no rows, a typo in the last row, and the name of something else."""
        async with lab.shop(0) as db:
            async with db.engine.begin() as connection:
                await connection.run_sync(_OffersBase.metadata.create_all)
            await self._uneven(answer, lab, db)
            before = await _count(db, Offer)
            async with lab.case("no rows"), db.sessions() as session:
                call = await lab.call(answer, session, Offer, [], on=db, blame="nothing", label="no rows")
                more = (await session.scalar(select(func.count()).select_from(Offer)) or 0) - before
                lab.expect("nothing", not more, f"{counted(more, 'row')} stored", call)
            for name in ("titel", "metadata"):
                async with db.sessions() as session:
                    rows = [*_offers(40), {"title": "Blue", name: "Bleu"}]
                    label = f"a row that names {name!r}"
                    call = await lab.call(
                        answer, session, Offer, rows, on=db, catch=ValueError, blame="unknown", label=label
                    )
                    more = (await session.scalar(select(func.count()).select_from(Offer)) or 0) - before
                    saw = f"{type(call.error).__name__ if call.error else 'no error'}, {counted(more, 'row')} stored"
                    lab.expect("unknown", call.error and not more, saw, call)

    async def _uneven(self, answer: Any, lab: Lab, db: Any) -> None:
        rows = _offers(600)
        async with db.sessions() as session:
            given = [dict(row) for row in rows]
            call = await lab.call(
                answer, session, Offer, given, on=db, blame="values", label="600 uneven rows"
            )
            sent = call.sent + await _sent_by_flush(lab, db, session)
            groups = len({frozenset(row) for row in rows})
            budget = 2 * groups + len(rows) // 250
            lab.expect("budget", sent <= budget, f"{sent} statements, {budget} were allowed", call)
            columns = select(Offer.title, Offer.cents, Offer.artist, Offer.copies)
            found = {title: rest for title, *rest in await session.execute(columns)}
            for row in rows:
                if (seen := found.get(row["title"])) is None:
                    lab.expect("values", False, f"{row!r} was not stored", call)
                    break
                self._compare(lab, row, seen, call)
            extra = len(found) - len(rows)
            lab.expect("values", extra <= 0, f"{counted(extra, 'row')} more than were sent", call)
            await session.rollback()
        stayed = await _count(db, Offer)
        lab.expect("open", not stayed, f"{counted(stayed, 'row')} survived the rollback", call)

    def _compare(self, lab: Lab, row: dict[str, Any], seen: list[Any], call: Any) -> None:
        defaults = (("cents", None), ("artist", "unknown"), ("copies", 1))
        for (name, default), value in zip(defaults, seen, strict=True):
            key = "defaults" if name not in row else "none" if row[name] is None else "values"
            saw = f"{name} is {value!r} for {row!r}"
            lab.expect(key, value == row.get(name, default), saw, call)


def _offers(count: int) -> list[dict[str, Any]]:
    """Rows of five shapes in turn, two of the same length, each with its names in several orders.

    In each shape, rows with a None come last.
    """
    shapes: tuple[tuple[str, ...], ...] = (
        (),
        ("cents",),
        ("artist", "cents"),
        ("artist", "cents", "copies"),
        ("artist", "copies"),
    )
    values = {"cents": 1200, "artist": "The Blés", "copies": 0}
    rows = []
    for number in range(count):
        names = shapes[number % len(shapes)]
        late = number >= count * 3 // 4
        row = {name: None if late and name != "cents" else values[name] for name in names}
        pairs = list(({"title": f"Offer {number}"} | row).items())
        turn = number // len(shapes) % len(pairs)
        rows.append(dict(pairs[turn:] + pairs[:turn]))
    return rows


class JazzForTheNetherlands(Exercise):
    """Insert what the database has already, without fetching it."""

    id = "bulk-inserts/jazz-for-the-netherlands"
    title = "Jazz for the Netherlands"
    defines = "tag_country"
    core = False
    minutes = 10
    achieved = "insert rows that never leave the database"
    users = (501,)
    requirements = {
        "tagged": Requirement(
            "every user of the country has the tag afterwards, and who had it before causes no error",
            "A pair that is there already cannot be inserted again: leave it out, or say what happens on a conflict.",
            "choosing-a-loader/5",
        ),
        "others": Requirement(
            "nothing else changes: other countries, other tags",
            "The country decides who gets the tag. Tags that are there have nothing to do with it.",
            "choosing-a-loader/5",
        ),
        "unknown": Requirement(
            "a tag that nobody knows changes nothing and causes no error",
            "A scalar subquery that finds nothing is NULL, and NULL is no tag. A query that finds no tag makes no pairs.",
            "choosing-a-loader/5",
        ),
        "number": Requirement(
            "the number of users who got the tag is returned",
            "Who had it before did not get it. And 0 is a number, as for a tag that nobody knows.",
            "choosing-a-loader/5",
        ),
        "budget": Requirement(
            "at most two statements are sent",
            "One INSERT takes as many rows as a SELECT gives it.",
            "bulk-inserts/2",
        ),
        "rows": Requirement(
            "at most two rows are fetched",
            "Ids that are fetched to be sent back have made the trip for nothing.",
            "choosing-a-loader/5",
        ),
        "open": Requirement(
            "nothing is committed: the caller can still roll back",
            _OPEN,
            "sessions/1",
        ),
    }
    hints = (
        "The pairs to insert can be written as a query: which user, which tag, and which of them are not there yet?",
        "`insert(user_tags).from_select([...], query)`. The last lesson had a query about an outer row, with EXISTS or a "
        "scalar subquery.",
        "`select(User.id, Tag.id).where(User.country == country, Tag.name == tag, ~User.tags.any(Tag.name == tag))`; the "
        "result's `rowcount` is the number of rows inserted.",
    )
    afterword = (
        "The SELECT makes all pairs of the country's users with the one tag and leaves out those that are there. The "
        "INSERT takes its rows from it. Nothing travels but the statement and a number."
    )
    another = """
from sqlalchemy import text


async def tag_country(session, country, tag):
    result = await session.execute(
        text(
            "INSERT INTO user_tags (user_id, tag_id) SELECT u.id, t.id FROM users u, tags t "
            "WHERE u.country = :country AND t.name = :tag "
            "AND NOT EXISTS (SELECT 1 FROM user_tags x WHERE x.user_id = u.id AND x.tag_id = t.id)"
        ),
        {"country": country, "tag": tag},
    )
    return result.rowcount
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Tag a country where some have the tag; again, when all have it; and with a tag that nobody knows."""
        async with lab.shop(501) as db:
            async with db.engine.begin() as connection:
                await connection.execute(update(User).values(country="BE"))
                await connection.execute(update(User).where(User.id <= 300).values(country="NL"))
                jazz = await connection.scalar(select(Tag.id).where(Tag.name == "jazz"))
                await connection.execute(delete(user_tags).where(user_tags.c.tag_id == jazz))
                some = [{"user_id": number, "tag_id": jazz} for number in range(2, 352, 50)]
                await connection.execute(insert(user_tags), some)
            before = await _pairs(db)
            members = {(number, jazz) for number in range(1, 301)}
            for label, tag, wanted, number in (
                ("a tag that some have", "jazz", before | members, len(members - before)),
                ("a tag that all have", "jazz", before | members, 0),
                ("an unknown tag", "no such tag", before | members, 0),
            ):
                await self._tag(answer, lab, db, (label, tag), wanted, number)
                async with db.engine.begin() as connection:  # whatever the answer did, go on from here
                    missing = wanted - await _pairs(db)
                    if missing and label == "a tag that some have":
                        rows = [{"user_id": user, "tag_id": key} for user, key in missing]
                        await connection.execute(insert(user_tags), rows)

    async def _tag(
        self, answer: Any, lab: Lab, db: Any, case: tuple[str, str], wanted: set[Any], number: int
    ) -> None:
        label, tag = case
        before = await _pairs(db)
        async with db.sessions() as session:
            blame = "unknown" if label == "an unknown tag" else "tagged"
            call = await lab.call(answer, session, "NL", tag, on=db, returns=int, blame=blame, label=label)
            sent = call.sent + await _sent_by_flush(lab, db, session)
            lab.expect("budget", sent <= 2, counted(sent, "statement"), call)
            lab.expect("rows", call.rows <= 2, f"{counted(call.rows, 'row')} fetched", call)
            rows = await session.execute(select(user_tags.c.user_id, user_tags.c.tag_id))
            found = {tuple(row) for row in rows}
            lab.expect("tagged", not wanted - found, f"{len(wanted - found)} users lack a tag", call)
            lab.expect(
                "others", not found - wanted, f"{len(found - wanted)} tags that nobody asked for", call
            )
            lab.expect("number", call.value == number, f"{call.value!r} instead of {number}", call)
            await session.rollback()
        lab.expect("open", await _pairs(db) == before, "the tags survived the rollback", call)


async def _pairs(db: Any) -> set[tuple[int, int]]:
    async with db.engine.connect() as connection:
        rows = await connection.execute(select(user_tags.c.user_id, user_tags.c.tag_id))
        return {(user, tag) for user, tag in rows}


LESSON = Lesson(
    id="bulk-inserts",
    number="11",
    notebook="11_bulk_inserts",
    title="Bulk inserts",
    promise="What goes out for 1,500 new rows, how values vanish without an error, and which of five ways to insert "
    "fits what you need afterwards.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "predict what `add_all` sends, by key and backend",
        "insert a list of rows with one statement, an empty list too",
        "match new ids with the rows they belong to",
        "name four ways in which a value gets lost without an error",
        "choose a way to insert, and give the reason",
    ),
    exercises=(NewOnTheShelf(), NumbersForEverybody(), WhateverTheySend(), JazzForTheNetherlands()),
    recall=(
        Question(
            "sum-after-a-join",
            "`sum(Order.cents)` over users joined with their orders and their tags: what is wrong with it?",
            (
                Choice(
                    "Each order is counted once for every tag of its user",
                    "Right: two joined collections multiply, and the sum adds up what repeats.",
                    True,
                ),
                Choice("Users without orders are counted as well", "They add nothing: their cents are NULL."),
                Choice(
                    "Nothing: the tags are not in the sum",
                    "They are not, but each of them repeats the order.",
                ),
            ),
            "choosing-a-loader/5",
        ),
        Question(
            "when-the-id-comes",
            "`user = User(name=...)`, then `session.add(user)`. When does `user.id` get its value?",
            (
                Choice("At the flush, when the INSERT is sent", "Right: until then it is None.", True),
                Choice("At `session.add`", "`add` sends nothing. The object is pending."),
                Choice("At the commit, and not before", "The commit flushes, but any flush will do."),
            ),
            "sessions/4",
        ),
    ),
    predictions=(
        Question(
            "add-all-on-sqlite",
            "1,500 new users, `add_all`, one flush, on SQLite: how many INSERTs are sent?",
            (
                Choice("1", ""),
                Choice("2, as a page holds 1,000", ""),
                Choice("1,500", "", True),
            ),
            "bulk-inserts/1",
        ),
        Question(
            "another-name",
            "The attribute `email` stands for the column `e_mail`. `connection.execute(insert(Subscriber), rows)`, and "
            "the rows say `email`. What happens?",
            (
                Choice("The addresses are stored in `e_mail`", ""),
                Choice("It raises: there is no column `email`", ""),
                Choice("Rows without an address are stored", "", True),
            ),
            "bulk-inserts/4",
        ),
        Question(
            "long-or-short",
            "1,000 users: one long INSERT with 1,000 rows of VALUES, or a short one with 1,000 sets of values beside it?",
            (
                Choice("The long one is faster: one statement, one trip", ""),
                Choice("The short one is faster", "", True),
                Choice("It makes no difference worth a thought", ""),
            ),
            "bulk-inserts/5",
        ),
    ),
    quiz=(
        Question(
            "slow-since-uuid",
            "The nightly `add_all` of 10,000 rows runs on PostgreSQL. Since the key is a `server_default` with "
            "`gen_random_uuid()`, it takes many times as long. Why?",
            (
                Choice(
                    "The random ids cannot be matched with the objects, so each row is sent by itself",
                    "Right. Make the key on your side, add a sentinel, or do without the objects.",
                    True,
                ),
                Choice(
                    "Random ids scatter over the index",
                    "They do, and that costs something. Here the number of statements went from ten to ten thousand.",
                ),
                Choice(
                    "The server takes long to make a UUID",
                    "That is a matter of microseconds. Count the statements.",
                ),
            ),
            "bulk-inserts/1",
        ),
        Question(
            "zip-of-ids",
            "`ids = await session.scalars(insert(User).returning(User.id), rows)`, then `zip(rows, ids)`. All tests are "
            "green. Would you merge it?",
            (
                Choice(
                    "No: nobody promises that the ids come in the order of the rows",
                    "Right. Return the email beside the id, and match by it.",
                    True,
                ),
                Choice(
                    "Yes: an INSERT returns its rows in the order of VALUES",
                    "It mostly does. No database promises it, and a mix-up would raise no error.",
                ),
                Choice(
                    "No: `returning` sends one statement for each row",
                    "It sends pages of 1,000. Only the promise of an order costs that, on SQLite.",
                ),
            ),
            "bulk-inserts/3",
        ),
        Question(
            "typo-in-a-row",
            "`session.execute(insert(User), rows)`, and a supplier writes `contry` in one of the rows. What do you get?",
            (
                Choice(
                    "The column's default in that row, or an error if there is none",
                    "Right: the name is dropped. Only a column that must have a value notices.",
                    True,
                ),
                Choice(
                    "An error that names `contry`",
                    "A keyword argument of `User(...)` would raise it. Rows beside an INSERT are not checked.",
                ),
                Choice(
                    "The value of the row before",
                    "Nothing is carried over. The name is dropped, and the column is left out.",
                ),
            ),
            "bulk-inserts/4",
        ),
    ),
    cheat=(
        "await session.execute(insert(User), rows)",
        "insert(User).returning(User.email, User.id)",
        "await insert_rows(session, User, rows)",
    ),
    terms={
        "executemany": "one statement, run by the driver with many sets of values",
        "page": "the part of a list of rows that SQLAlchemy puts into one INSERT, 1,000 unless told otherwise",
        "RETURNING": "the part of an INSERT that gives back what was stored",
        "sentinel": "a column in which SQLAlchemy numbers rows, to know them again when they come back",
        "uneven rows": "rows for one table that name different columns",
    },
)

"""Lesson 07: what a model sends, keys and their cost, times that stay what they are, names for rules."""

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Uuid,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.lens.statements_view import counted
from course_lib.patterns import UtcDateTime

STACK = 600
DIGITS = uuid.UUID("12345678-1234-4678-9234-567812345678")
"""A random UUID as good as any. Its digits are all decimal: SQLite may take them for a number."""


def _new_base() -> type[DeclarativeBase]:
    """A base with a registry of its own, so that an answer can be asked for its model again."""

    class Base(DeclarativeBase):
        pass

    return Base


async def _create(db: Any, base: type[DeclarativeBase]) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(base.metadata.create_all)


async def _store(db: Any, *items: Any) -> list[Any]:
    """Store objects in a transaction of their own; give their keys."""
    async with db.sessions.begin() as session:
        session.add_all(items)
        await session.flush()
        return [inspect(item).identity[0] for item in items]


def _has_table(lab: Lab, base: Any, name: str) -> bool:
    there = ", ".join(base.metadata.tables) or "no table"
    return lab.expect("table", name in base.metadata.tables, f"the base has {there}")


async def _refused(db: Any, make: Callable[[], Any]) -> bool:
    """Whether a constraint of the database refuses an object."""
    try:
        await _store(db, make())
    except IntegrityError:
        return True
    return False


class StackOfVouchers(Exercise):
    """Choose a key that lets a flush be one INSERT."""

    id = "models/a-stack-of-vouchers"
    title = "A stack of vouchers"
    defines = "voucher_model"
    minutes = 8
    achieved = "choose a key, and know how many INSERTs it costs"
    users = (7,)
    requirements = {
        "table": Requirement(
            "the model belongs to the given base, with the table `vouchers`",
            "`create_all` makes the tables of its own base, each by its `__tablename__`.",
            "models/1",
        ),
        "ids": Requirement(
            "each voucher has an id of its own after the flush, a `uuid.UUID`, and is found by it",
            "Nobody makes a UUID unasked. `default=uuid.uuid4` does, for each voucher; with parentheses it is "
            "called once, when the class is made. A text is no UUID.",
            "models/1",
        ),
        "one-insert": Requirement(
            f"{STACK} vouchers of one flush are sent by one INSERT",
            "A key from the database has to be asked back, row by row.",
            "models/2",
        ),
        "given-id": Requirement(
            "a voucher that was given an id keeps it, whatever its digits are",
            "A default is for what was not given. And a column type that SQLite does not know may turn "
            "digits into a number.",
            "models/5",
        ),
        "note": Requirement(
            "a voucher without a note can be stored, and has None for it",
            "`Mapped[str]` is NOT NULL, whatever the program does with it. A default hides that: it writes a note "
            "where there is none.",
            "models/1",
        ),
        "cents": Requirement(
            "a voucher without cents is refused by the database",
            "A default, or `| None`, lets pass what somebody forgot.",
            "models/1",
        ),
    }
    hints = (
        "Who makes the key, if the session need not wait for an answer? Step 2 counts it.",
        "A default is a function that is handed over, not called. The annotation alone gives the type.",
        "`id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)`, and `str | None` for "
        "the note.",
    )
    afterword = (
        "The key is made in Python, so all rows are complete before anything is sent, and nothing has to be "
        "asked back. `UuidKey` of `course_lib.patterns` is this line under a name. A voucher that was given "
        "an id keeps it, since a default is for what was not given."
    )
    another = """
from course_lib.patterns import UuidKey


def voucher_model(base):
    class Voucher(base):
        __tablename__ = "vouchers"
        id: Mapped[UuidKey]
        cents: Mapped[int]
        note: Mapped[str | None]

    return Voucher
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Flush a stack, give an id that looks like a number, leave out the note, and the cents."""
        async with lab.shop(7) as db:
            base = _new_base()
            call = await lab.call(answer, base, returns=type, asynchronous=False)
            voucher = call.value
            if not _has_table(lab, base, "vouchers"):
                return
            await _create(db, base)
            if not await self._stack(lab, db, voucher):
                return
            call = await lab.call(_given, db, voucher, on=db, blame="given-id", label="an id that is given")
            lab.same("given-id", call.value, (DIGITS, DIGITS), call)
            lab.expect(
                "cents",
                await _refused(db, lambda: voucher(note="ohne Betrag")),
                "it was stored",
                Call("a voucher without cents"),
            )

    async def _stack(self, lab: Lab, db: Any, voucher: Any) -> bool:
        label = f"{STACK} vouchers"
        noted = await lab.call(_flush, db, voucher, "für Zoë", on=db, blame="ids", label=label)
        ids = noted.value
        strange = [each for each in ids if not isinstance(each, uuid.UUID)]
        saw = f"an id is of type {type(strange[0]).__name__}" if strange else ""
        if not lab.expect("ids", not strange, saw, noted):
            return False
        saw = f"{len(set(ids))} ids for {STACK} vouchers"
        if not lab.expect("ids", len(set(ids)) == STACK, saw, noted):
            return False
        found = await lab.call(_found, db, voucher, ids[:3], on=db, blame="ids", label="read again")
        if not lab.expect("ids", found.value == 3, f"{found.value} of 3 were found by their ids", found):
            return False
        lab.expect("one-insert", noted.sent == 1, counted(noted.sent, "statement"), noted)
        bare = await lab.call(_flush, db, voucher, None, on=db, blame="note", label="without a note")
        notes = await lab.call(
            _notes, db, voucher, bare.value[:2], on=db, blame="note", label="without a note"
        )
        lab.same("note", notes.value, [None, None], notes)
        return True


async def _flush(db: Any, voucher: Any, note: str | None) -> list[Any]:
    """Store a stack of vouchers by one flush, and give the ids that can be read without a statement."""
    stack = [voucher(cents=number) for number in range(STACK)]
    for one in stack[:: 1 if note else STACK]:
        one.note = note
    async with db.sessions.begin() as session:
        session.add_all(stack)
        await session.flush()
        return [one.__dict__.get("id") for one in stack]


async def _notes(db: Any, voucher: Any, ids: list[Any]) -> list[Any]:
    async with db.sessions() as session:
        return [(await session.get(voucher, each)).note for each in ids]


async def _given(db: Any, voucher: Any) -> tuple[Any, Any]:
    """Store a voucher with an id; give the id it has then, and the one that is read again."""
    one = voucher(id=DIGITS, cents=5, note="x")
    await _store(db, one)
    async with db.sessions() as session:
        again = await session.get(voucher, DIGITS)
        return one.id, again and again.id


async def _found(db: Any, voucher: Any, ids: list[Any]) -> int:
    async with db.sessions() as session:
        found = [await session.get(voucher, each) for each in ids]
        return sum(one is not None and one.id == each for one, each in zip(found, ids, strict=True))


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _in_zone(hours: float, moment: datetime) -> datetime:
    return moment.astimezone(timezone(timedelta(hours=hours)))


class OrderThatInserts(Exercise):
    """Mend a model whose key nobody makes and whose time does not come back."""

    id = "models/an-order-that-inserts"
    title = "An order that inserts"
    defines = "order_model"
    minutes = 12
    achieved = "write a model whose key is filled in and whose times stay what they are, on both backends"
    users = (7,)
    requirements = {
        "table": Requirement(
            "the model belongs to the given base, with the table `web_orders`",
            "`create_all` makes the tables of its own base, each by its `__tablename__`.",
            "models/1",
        ),
        "key": Requirement(
            "an order is stored without being given an id, and each gets one of its own",
            "A primary key is not filled in by being a primary key: somebody has to make it.",
            "models/3",
        ),
        "instant": Requirement(
            "`placed_at` comes back aware and at the same instant; a naive one is refused",
            "`DateTime(timezone=True)` is not enough: SQLite drops the zone without a word, and PostgreSQL "
            "takes a naive time for the local time of the machine.",
            "models/4",
        ),
        "comparable": Requirement(
            "orders can be sorted and filtered by `placed_at`, by instant",
            "A time that is stored with its own zone, as a text, sorts by its figures.",
            "models/4",
        ),
        "clock": Requirement(
            "an order without a `placed_at` gets the time of `clock()`, asked anew for each order",
            "`default=clock` hands the function over, and each INSERT calls it. `default=clock()` asks once, when "
            "the class is made.",
            "models/1",
        ),
        "required": Requirement(
            "an order without a `user_id`, or without a `total`, is refused by the database",
            "`| None`, or a default, lets pass what somebody forgot.",
            "models/1",
        ),
    }
    hints = (
        "Three mistakes stand in two lines. Store an order, store two, and store one on SQLite and read it.",
        "Step 4 has a type for instants. Both defaults are functions that are handed over, not called.",
        "`id: Mapped[UuidKey]`, and `placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock)`.",
    )
    afterword = (
        "`UtcDateTime` stores every instant in UTC and marks it as UTC when it is read, so zones are neither "
        "lost nor guessed, and texts sort like times. `default=clock` hands over the function: SQLAlchemy "
        "calls it at each INSERT."
    )
    another = """
from sqlalchemy.types import TypeDecorator


class Microseconds(TypeDecorator):
    impl = BigInteger
    cache_ok = True
    start = datetime(1970, 1, 1, tzinfo=UTC)

    def process_bind_param(self, value, dialect):
        return None if value is None else (value - self.start) // timedelta(microseconds=1)

    def process_result_value(self, value, dialect):
        return None if value is None else self.start + timedelta(microseconds=value)


def order_model(base, clock):
    class Order(base):
        __tablename__ = "web_orders"
        id: Mapped[int] = mapped_column(primary_key=True)
        user_id: Mapped[int]
        total: Mapped[int]
        placed_at: Mapped[datetime] = mapped_column(Microseconds, default=lambda: clock())

    return Order
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """On a machine nine hours east: store times of several zones, and none; sort; ask the clock."""
        os.environ["TZ"] = "JST-9"  # this process ends with the check
        if hasattr(time, "tzset"):
            time.tzset()
        async with lab.shop(7) as db:
            base = _new_base()
            times: list[datetime] = []

            def clock() -> datetime:
                times.append(_in_zone(9, NOON + timedelta(minutes=len(times))))
                return times[-1]

            call = await lab.call(answer, base, clock, returns=type, asynchronous=False)
            order = call.value
            if not _has_table(lab, base, "web_orders"):
                return
            await _create(db, base)
            if not await self._stores(lab, db, order):
                return
            if await self._instants(lab, db, order):
                await self._comparable(lab, db, order)
                await self._clock(lab, db, order, times)
            for missing in ("user_id", "total"):
                values = {"user_id": 3, "total": 5, "placed_at": NOON}
                del values[missing]
                refused = await _refused(db, lambda values=values: order(**values))  # type: ignore[misc]
                lab.expect("required", refused, "it was stored", Call(f"an order without a {missing}"))

    async def _stores(self, lab: Lab, db: Any, order: Any) -> bool:
        keys: list[Any] = []
        for each in ("an order", "a second order"):
            try:
                keys += await _store(db, order(user_id=3, total=5, placed_at=NOON))
            except SQLAlchemyError as error:
                key = "key" if isinstance(error, IntegrityError) else "instant"
                return lab.expect(key, False, _first_line(error), Call(each))
        return lab.expect("key", len(set(keys)) == 2, f"both have the id {keys[0]!r}", Call("two orders"))

    async def _instants(self, lab: Lab, db: Any, order: Any) -> bool:
        odd = NOON + timedelta(microseconds=123_456)
        for given in (NOON, _in_zone(9, NOON), _in_zone(-3.5, odd)):
            call = await lab.call(_there_and_back, db, order, given, blame="instant", label=f"{given}")
            back = call.value
            aware = isinstance(back, datetime) and back.utcoffset() is not None
            if not lab.expect("instant", aware and back == given, f"{back} came back", call):
                return False
        label = "a naive time"
        try:
            await _store(db, order(user_id=3, total=5, placed_at=datetime(2026, 11, 23, 12)))
        except (StatementError, ValueError, TypeError):
            return True
        return lab.expect("instant", False, "it was stored, as some instant or other", Call(label))

    async def _comparable(self, lab: Lab, db: Any, order: Any) -> None:
        first, second, last = (NOON + timedelta(days=1, minutes=minutes) for minutes in (0, 20, 40))
        given = [last, _in_zone(9, first), _in_zone(-11, second)]
        await _store(db, *[order(user_id=9, total=5, placed_at=each) for each in given])
        call = await lab.call(
            _between, db, order, _in_zone(-5, first), None, blame="comparable", label="sorted"
        )
        lab.same("comparable", _utc(call.value), _utc([first, second, last]), call)
        call = await lab.call(
            _between, db, order, _in_zone(5, first), second, blame="comparable", label="filtered"
        )
        lab.same("comparable", _utc(call.value), _utc([first, second]), call)

    async def _clock(self, lab: Lab, db: Any, order: Any, times: list[datetime]) -> None:
        for count in (1, 2):
            before = len(times)
            values = {"user_id": 20 + count, "total": 5}
            call = await lab.call(
                _at_the_clock, db, order, count, values, blame="clock", label="no time is given"
            )
            saw = f"{counted(count, 'order')} got {', '.join(map(str, call.value))}"
            fresh = set(times[before:])
            right = len(set(call.value)) == count and fresh.issuperset(call.value)
            lab.expect("clock", right, saw + ", which the clock did not show then", call)


async def _there_and_back(db: Any, order: Any, given: datetime) -> Any:
    (key,) = await _store(db, order(user_id=3, total=5, placed_at=given))
    async with db.sessions() as session:
        return (await session.get(order, key)).placed_at


async def _between(db: Any, order: Any, first: datetime, last: datetime | None) -> list[Any]:
    statement = select(order).where(order.user_id == 9, order.placed_at >= first).order_by(order.placed_at)
    if last is not None:
        statement = statement.where(order.placed_at <= last)
    async with db.sessions() as session:
        return [one.placed_at for one in await session.scalars(statement)]


async def _at_the_clock(db: Any, order: Any, count: int, values: dict[str, int]) -> list[Any]:
    """Store some orders without a time; give the times that are read again."""
    keys = await _store(db, *[order(**values) for _ in range(count)])
    async with db.sessions() as session:
        return [(await session.get(order, key)).placed_at for key in keys]


def _utc(times: list[datetime]) -> list[str]:
    return [f"{_in_zone(0, each):%H:%M} UTC" for each in times]


def _first_line(error: BaseException) -> str:
    reason = getattr(error, "orig", None) or error
    return f"{type(error).__name__}: {reason}".partition("\n")[0]


WISH_RULES = {
    "wish_lists": {"pk_wish_lists", "uq_wish_lists_code"},
    "wishes": {"pk_wishes", "fk_wishes_list_id_wish_lists", "ck_wishes_quantity", "ix_wishes_list_id"},
}


class NamesForAMigration(Exercise):
    """Review a change: rules with names, no rule twice, and tables that stay."""

    id = "models/names-for-a-migration"
    title = "Names for a migration"
    defines = "create_wishes"
    minutes = 10
    achieved = "give each rule of a table one name, the same on both backends"
    users = (7,)
    requirements = {
        "created": Requirement(
            "afterwards both tables are there for another connection",
            "Creating a table is part of the transaction. `connect()` rolls it back, `begin()` commits it.",
            "engine/3",
        ),
        "names": Requirement(
            "each rule has the name that the contract gives it",
            "Without a convention SQLite's rules have no name, and PostgreSQL makes up its own.",
            "models/5",
        ),
        "no-more": Requirement(
            "there is no rule and no index beside those of the contract",
            "`unique=True, index=True` is a unique index already; a UniqueConstraint beside it is a second one.",
            "models/5",
        ),
        "refused": Requirement(
            "a code that is there, a quantity below one, and a wish without a list are refused",
            "A name alone is no rule: what it refuses is written beside it.",
            "models/5",
        ),
        "allowed": Requirement(
            "the returned models store and read what the contract allows, a wish without a note among it",
            "A rule that is too strict refuses good rows.",
            "models/1",
        ),
    }
    hints = (
        "Create the tables with the colleague's function, and look: which of them are there afterwards?",
        'The convention names what it can. A CHECK it cannot guess: `CheckConstraint(..., name="quantity")`.',
        "`metadata = MetaData(naming_convention=NAMING_CONVENTION)` on the base, `unique=True` alone for the "
        "code, `index=True` for the foreign key, and `async with engine.begin()`.",
    )
    afterword = (
        "The convention makes each name from the table and the column, so it is the same on both backends "
        "and a migration can drop the rule. A CHECK brings its own part of the name. `begin()` commits what "
        "`connect()` had rolled back."
    )
    another = """
TABLES = (
    "CREATE TABLE wish_lists (id %s, code VARCHAR(12) NOT NULL,"
    " CONSTRAINT pk_wish_lists PRIMARY KEY (id), CONSTRAINT uq_wish_lists_code UNIQUE (code))",
    "CREATE TABLE wishes (id %s, list_id INTEGER NOT NULL, title VARCHAR NOT NULL,"
    " quantity INTEGER NOT NULL, note VARCHAR, CONSTRAINT pk_wishes PRIMARY KEY (id),"
    " CONSTRAINT fk_wishes_list_id_wish_lists FOREIGN KEY(list_id) REFERENCES wish_lists (id),"
    " CONSTRAINT ck_wishes_quantity CHECK (quantity >= 1))",
    "CREATE INDEX ix_wishes_list_id ON wishes (list_id)",
)


async def create_wishes(engine):
    class Base(DeclarativeBase):
        pass

    class WishList(Base):
        __tablename__ = "wish_lists"
        id: Mapped[int] = mapped_column(primary_key=True)
        code: Mapped[str]

    class Wish(Base):
        __tablename__ = "wishes"
        id: Mapped[int] = mapped_column(primary_key=True)
        list_id: Mapped[int]
        title: Mapped[str]
        quantity: Mapped[int]
        note: Mapped[str | None]

    counted = "SERIAL NOT NULL" if engine.dialect.name == "postgresql" else "INTEGER NOT NULL"
    async with engine.begin() as connection:
        for table in TABLES:
            await connection.exec_driver_sql(table.replace("%s", counted))
    return WishList, Wish
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Create the tables, read their rules from the database, and try what they refuse and allow."""
        async with lab.shop(7) as db:
            call = await lab.call(answer, db.engine, on=db, returns=tuple, of=type)
            async with db.engine.connect() as connection:
                rules = await connection.run_sync(_rules)
            lacking = sorted(WISH_RULES.keys() - rules.keys())
            saw = f"there is no table {' and no table '.join(lacking)}"
            if not lab.expect("created", not lacking, saw, call):
                return
            if self._named(lab, rules, call):
                await self._refused(lab, db)
            await self._allowed(lab, db, call)

    def _named(self, lab: Lab, rules: dict[str, list[str | None]], call: Call) -> bool:
        named = True
        for table, wanted in WISH_RULES.items():
            found = rules[table]
            missing = sorted(wanted - set(found))
            without = counted(found.count(None), "rule") + " without a name" if None in found else ""
            saw = ", ".join(
                filter(None, [f"{table} has no {' and no '.join(missing)}" * bool(missing), without])
            )
            named &= lab.expect("names", not saw, saw, call)
            extra = sorted(str(each) for each in set(found) - wanted)
            if named:
                lab.expect("no-more", not extra, f"{table} also has {', '.join(extra)}", call)
        return named

    async def _refused(self, lab: Lab, db: Any) -> None:
        lists, wishes = (await _reflected(db))[:2]
        tries: dict[str, tuple[Table, dict[str, Any]]] = {
            "the same code twice": (lists, {"id": 902, "code": "JAZZ"}),
            "a quantity of 0": (wishes, {"list_id": 901, "title": "Ágætis byrjun", "quantity": 0}),
            "a quantity of -1": (wishes, {"list_id": 901, "title": "Ágætis byrjun", "quantity": -1}),
            "a list that is not there": (wishes, {"list_id": 977, "title": "Ágætis byrjun", "quantity": 1}),
            "no list": (wishes, {"list_id": None, "title": "Ágætis byrjun", "quantity": 1}),
            "no title": (wishes, {"list_id": 901, "title": None, "quantity": 1}),
        }
        async with db.engine.begin() as connection:
            await connection.execute(insert(lists).values(id=901, code="JAZZ"))
        for number, (label, (table, values)) in enumerate(tries.items(), 911):
            try:
                async with db.engine.begin() as connection:
                    await connection.execute(insert(table).values(**{"id": number, **values}))
            except IntegrityError:
                continue
            lab.expect("refused", False, "it was stored", Call(label))

    async def _allowed(self, lab: Lab, db: Any, call: Call) -> None:
        if not lab.expect("allowed", len(call.value) == 2, f"{len(call.value)} models were returned", call):
            return
        again = await lab.call(_wish, db, *call.value, blame="allowed", label="two wishes")
        lab.same("allowed", again.value, [("Kind of Blue", 1, None), ("Kind of Blue", 3, "für Zoë")], again)


def _rules(connection: Connection) -> dict[str, list[str | None]]:
    """The names of all rules and indexes, by table, as the database tells them."""
    look = inspect(connection)
    found: dict[str, list[str | None]] = {}
    for table in WISH_RULES.keys() & set(look.get_table_names()):
        rules: list[Any] = [look.get_pk_constraint(table), *look.get_foreign_keys(table)]
        rules += [*look.get_unique_constraints(table), *look.get_check_constraints(table)]
        rules += [index for index in look.get_indexes(table) if not index.get("duplicates_constraint")]
        found[table] = [rule["name"] for rule in rules]
    return found


async def _reflected(db: Any) -> list[Table]:
    """Both tables as the database has them, whatever the answer's models say."""
    metadata = MetaData()
    async with db.engine.connect() as connection:
        await connection.run_sync(metadata.reflect, only=list(WISH_RULES))
    return [metadata.tables[name] for name in WISH_RULES]


async def _wish(db: Any, wish_list: Any, wish: Any) -> list[tuple[Any, Any, Any]]:
    async with db.sessions.begin() as session:
        one = wish_list(code="SWING")
        session.add(one)
        await session.flush()
        session.add(wish(list_id=one.id, title="Kind of Blue", quantity=1))
        session.add(wish(list_id=one.id, title="Kind of Blue", quantity=3, note="für Zoë"))
        key = one.id
    async with db.sessions() as session:
        found = await session.scalars(select(wish).where(wish.list_id == key).order_by(wish.quantity))
        return [(each.title, each.quantity, each.note) for each in found]


class Reviewer(Exercise):
    """Let a function find what this lesson found by hand."""

    id = "models/a-reviewer-that-does-not-tire"
    title = "A reviewer that does not tire"
    defines = "review"
    core = False
    minutes = 12
    achieved = "ask models what they will do before a database has to tell"
    users = ()
    requirements = {
        "keys": Requirement(
            "each column of a primary key that nobody fills in is named",
            "Only one whole number is counted by the database; of two columns, or a UUID, none is.",
            "models/3",
        ),
        "filled": Requirement(
            "no key that somebody fills in is named",
            "Keys are filled in by defaults of either kind, by counting, or by the row a foreign key refers to.",
            "models/2",
        ),
        "times": Requirement(
            "each `DateTime` column is named, with or without `timezone=True`",
            "`DateTime(timezone=True)` keeps a zone on one backend and loses it on the other.",
            "models/4",
        ),
        "other-types": Requirement(
            "no column of another type is named, a type decorator's among them",
            "A decorator like `UtcDateTime` is there to mend this. A day has no zone to lose.",
            "models/4",
        ),
        "all-tables": Requirement(
            "tables without a class are looked at as well",
            "The mapped classes are not all that a base holds: `metadata.tables` is.",
            "models/1",
        ),
        "sorted": Requirement(
            'the list holds "table.column", sorted, each once',
            "A list whose order changes cannot be compared with yesterday's.",
            "models/1",
        ),
    }
    hints = (
        "`base.metadata.tables` holds every table, and a table has `columns` and a `primary_key`.",
        "A column knows its `default`, `server_default`, `foreign_keys` and `type`. Which one does the "
        "database count? `table.autoincrement_column` says it.",
        "`isinstance(column.type, DateTime)` is false for a decorator. Collect the names in a set, and sort.",
    )
    afterword = (
        "A model can be asked without a database. As one line of a test, `assert review(Base) == []` finds "
        "the recipe's two mistakes before the first INSERT does, in every model that anybody adds."
    )
    another = """
def review(base):
    tables = base.metadata.tables.values()
    keys = [column for table in tables for column in table.primary_key if column is not table.autoincrement_column]
    empty = [key for key in keys if not (key.foreign_keys or key.default or key.server_default)]
    times = [column for table in tables for column in table.c if isinstance(column.type, DateTime)]
    return sorted({f"{column.table.name}.{column.name}" for column in empty + times})
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Show it bases with keys and times of every kind, a table without a class, and no table at all."""
        wanted = ["a_uuid.id", "named.code", "seats.place", "seats.row", "uncounted.id"]
        await self._compare(answer, lab, "keys", "filled", _keys(), wanted)
        wanted = ["at_times.at", "times.naive", "times.stamp", "times.zoned"]
        await self._compare(answer, lab, "times", "other-types", _times(), wanted)
        if not {"keys", "times"}.intersection(lab.broken):
            wanted = ["Übersicht.at", "tables_only.id", "Übersicht.id"]
            await self._compare(answer, lab, "all-tables", "other-types", _tables_only(), sorted(wanted))
        await self._compare(answer, lab, "keys", "filled", (_new_base(),), [])

    async def _compare(
        self, answer: Any, lab: Lab, lacks: str, extra: str, models: tuple[Any, ...], wanted: list[str]
    ) -> None:
        base = models[0]
        label = f"{counted(len(base.metadata.tables), 'table')}"
        async with lab.case(label):
            call = await lab.call(answer, base, returns=list, of=str, asynchronous=False)
            lacking, more = sorted(set(wanted) - set(call.value)), sorted(set(call.value) - set(wanted))
            lab.expect(lacks, not lacking, f"{', '.join(lacking)} is not in the list", call)
            lab.expect(extra, not more, f"{', '.join(more)} is in the list", call)
            if not lacking and not more:
                lab.same("sorted", call.value, wanted, call)


def _keys() -> tuple[Any, ...]:
    """A base with keys of every kind, each in a table with a class; and the classes, or they would go."""
    base = _new_base()
    models: list[Any] = []

    def model(name: str, *columns: Column[Any]) -> None:
        models.append(type(name, (base,), {"__table__": Table(name, base.metadata, *columns)}))

    model("a_counted", Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True))
    model("a_uuid", Column("id", Uuid, primary_key=True))
    model("drawn", Column("id", Uuid, primary_key=True, default=uuid.uuid4))
    model("fixed", Column("id", Integer, primary_key=True, autoincrement=False, default=0))
    model("from_server", Column("id", Uuid, primary_key=True, server_default=func.gen_random_uuid()))
    model("identified", Column("id", Integer, Identity(), primary_key=True))
    model("lots", Column("id", BigInteger, Sequence("lot_numbers"), primary_key=True))
    model("named", Column("code", String(12), primary_key=True))
    model("profiles", Column("user_id", ForeignKey("a_uuid.id"), primary_key=True))
    model("seats", Column("row", Integer, primary_key=True), Column("place", Integer, primary_key=True))
    model("uncounted", Column("id", Integer, primary_key=True, autoincrement=False))
    return base, *models


def _times() -> tuple[Any, ...]:
    """A base with columns of times and others that look like them, and its classes."""
    base = _new_base()

    class Times(base):  # type: ignore[misc, valid-type]
        __tablename__ = "times"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
        naive: Mapped[datetime]
        zoned: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
        stamp: Mapped[datetime] = mapped_column(TIMESTAMP, server_default=func.now())
        mended: Mapped[datetime] = mapped_column(UtcDateTime)
        day: Mapped[datetime] = mapped_column(Date)

    class AtTimes(base):  # type: ignore[misc, valid-type]
        __tablename__ = "at_times"
        at: Mapped[datetime] = mapped_column(primary_key=True)

    return base, Times, AtTimes


def _tables_only() -> tuple[Any, ...]:
    base = _new_base()
    Table("tables_only", base.metadata, Column("id", Uuid, primary_key=True), Column("day", Date))
    Table("Übersicht", base.metadata, Column("id", Uuid, primary_key=True), Column("at", DateTime))
    return (base,)


LESSON = Lesson(
    id="models",
    number="07",
    notebook="07_models",
    title="Models",
    promise="What a model sends to the database, and the common recipe's model mended, error by error.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "say which columns may be empty, and who fills in a default, and when",
        "choose a kind of key and predict its INSERTs",
        "read the errors of the recipe's model and mend them",
        "store a time so that the same instant comes back on both backends",
        "give every constraint a name for migrations",
    ),
    exercises=(StackOfVouchers(), OrderThatInserts(), NamesForAMigration(), Reviewer()),
    recall=(
        Question(
            "when-is-the-id",
            "A new order was added to a session, which counts its keys in the database. When has it an id?",
            (
                Choice("After the flush", "Right: the INSERT is where the id comes from.", True),
                Choice("After `session.add`", "`add` sends nothing: the order is pending."),
                Choice("Only after the commit", "A commit flushes first; the flush alone is enough."),
            ),
            "sessions/4",
        ),
        Question(
            "create-the-tables",
            "How are tables created from async code, so that they stay?",
            (
                Choice(
                    "`async with engine.begin() as connection: await connection.run_sync(metadata.create_all)`",
                    "Right: a plain function, run on the connection's synchronous face, and a commit.",
                    True,
                ),
                Choice(
                    "`await metadata.create_all(engine)`",
                    "`create_all` is a plain function and cannot use an async engine.",
                ),
                Choice(
                    "The same with `engine.connect()`",
                    "Without a commit the tables are rolled back at the end of the block.",
                ),
            ),
            "engine/3",
        ),
    ),
    predictions=(
        Question(
            "before-the-flush",
            '`cents` has `default=2500`. What is `voucher.cents` after `voucher = Voucher(code="JAZZ")`?',
            (
                Choice("2500", ""),
                Choice("None", "", True),
                Choice("An AttributeError", ""),
            ),
            "models/1",
        ),
        Question(
            "counted-key",
            "100 objects, one add_all, one flush; SQLite counts the keys. How many INSERTs?",
            (
                Choice("1, with many values", ""),
                Choice("2", ""),
                Choice("100", "", True),
            ),
            "models/2",
        ),
        Question(
            "recipe-first-user",
            "The recipe's user, inserted into the recipe's own database. What happens?",
            (
                Choice("It is stored, in UTC", ""),
                Choice("It is stored, and the zone is dropped", ""),
                Choice("It is refused with an error", "", True),
            ),
            "models/3",
        ),
    ),
    quiz=(
        Question(
            "default-or-server-default",
            "A nightly script inserts rows by plain SQL. Which defaults does it get?",
            (
                Choice(
                    "Those written as `server_default`",
                    "Right: they stand in the table, for everybody.",
                    True,
                ),
                Choice(
                    "Those written as `default`",
                    "They live in your program, which the script does not run.",
                ),
                Choice(
                    "Both: the model made the table",
                    "`create_all` writes into the table what SQL can say. A Python value or function is not among it.",
                ),
            ),
            "models/1",
        ),
        Question(
            "which-key",
            "Ten thousand new objects, to be flushed on either backend in few statements. Which key?",
            (
                Choice(
                    "A UUID from the program",
                    "Right: nothing has to be asked back.",
                    True,
                ),
                Choice(
                    "A UUID from the database",
                    "That is the worst case: one INSERT each, on both backends.",
                ),
                Choice(
                    "A counted number: databases are fast at counting",
                    "On PostgreSQL it goes in few statements, on SQLite in ten thousand.",
                ),
            ),
            "models/2",
        ),
        Question(
            "timezone-true",
            "A column is `DateTime(timezone=True)`, and a naive time is stored, on PostgreSQL. What happens?",
            (
                Choice(
                    "It is taken for the local time of the machine the program runs on",
                    "Right: no error, and another instant on the next machine.",
                    True,
                ),
                Choice(
                    "It is taken for UTC",
                    "Only where the machine's zone happens to be UTC, as on many servers. Not on your laptop.",
                ),
                Choice(
                    "It is refused",
                    "That would be the safe answer, and is what `UtcDateTime` gives. The column accepts it.",
                ),
            ),
            "models/4",
        ),
    ),
    cheat=(
        "id: Mapped[UuidKey]",
        "created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: datetime.now(UTC))",
        "metadata = MetaData(naming_convention=NAMING_CONVENTION)",
    ),
    terms={
        "model": "a class whose objects stand for the rows of a table",
        "server default": "a value that the database fills in, for every program",
        "aware time": "a datetime with a time zone, so that it means one instant",
        "naive time": "a datetime without a time zone: which instant it means is not known",
        "naming convention": "a rule that gives every constraint its name, on each backend the same",
    },
)

"""Lesson 21: the capstone. An import, a service, and the service under load, from a specification."""

import asyncio
import contextlib
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Date, Pool, bindparam, event, text
from sqlalchemy.exc import DBAPIError

from course_lib.coach.describe import error_text, own_line
from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine
from course_lib.shop import real_orders

TABLES = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(100))",
    """
    CREATE TABLE purchases (
        code VARCHAR(40) PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customers (id),
        ordered_on DATE NOT NULL,
        cds INTEGER NOT NULL,
        cents INTEGER NOT NULL)""",
    "CREATE INDEX purchases_by_customer ON purchases (customer_id)",
)
"""The client's tables, as both notebooks show them."""

AHEAD = 2_000
"""How many orders may be taken from the source and not be committed."""
ALIVE = 5_000
"""How many orders of the whole file may be alive at the same time."""
PATIENCE = 15.0
"""Seconds after which the check goes on although no answer came. No right answer meets it."""
NOBODY = 99_999_999
TOO_LARGE = 2**31
WEB = 900_001
"""A customer of the service's own, whom no file names."""

_INSERT = text("INSERT INTO purchases VALUES (:code, :customer_id, :ordered_on, :cds, :cents)").bindparams(
    bindparam("ordered_on", type_=Date)
)


def _order(order: Any) -> dict[str, Any]:
    """A real order, as the old system sends it."""
    return {
        "code": f"cdnow-{order.number}",
        "customer_id": order.customer_id,
        "ordered_on": order.ordered_on,
        "cds": order.cds,
        "cents": order.cents,
    }


def _made_up(prefix: str, count: int, customer: int) -> list[dict[str, Any]]:
    """Orders of two customers that nobody else has."""
    day = date(1999, 4, 1)
    return [
        {
            "code": f"{prefix}-{n}",
            "customer_id": customer + n % 2,
            "ordered_on": day,
            "cds": 1,
            "cents": 100 * n,
        }
        for n in range(count)
    ]


class _Outside:
    """A connection of the check's own: sees what is committed, and writes as the shop's other programs do."""

    def __init__(self, url: str, **options: Any) -> None:
        self._engine = make_engine(url, **options)

    async def __aenter__(self) -> "_Outside":
        self.connection = await self._engine.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # whatever the answer did to the database, the case is over
            await self.connection.close()
            await self._engine.dispose()

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        rows = (await self.connection.execute(text(sql), values)).all()
        await self.connection.rollback()
        return list(rows)

    async def number(self, sql: str, **values: Any) -> int:
        return int((await self.rows(sql, **values))[0][0] or 0)

    async def do(self, *statements: tuple[Any, Any]) -> None:
        """Execute statements with their values, and commit; on an error nothing stays."""
        try:
            for statement, values in statements:
                statement = text(statement) if isinstance(statement, str) else statement
                if values != []:
                    await self.connection.execute(statement, values or {})
            await self.connection.commit()
        except BaseException:
            await self.connection.rollback()
            raise

    async def make_tables(self) -> None:
        await self.do(*((table, None) for table in TABLES))

    async def purchases(self) -> dict[str, tuple[Any, ...]]:
        """Everything that is stored: customer, day, CDs and cents, by code."""
        rows = await self.rows("SELECT code, customer_id, ordered_on, cds, cents FROM purchases")
        return {row[0]: (row[1], str(row[2]), row[3], row[4]) for row in rows}


def _as_stored(orders: Iterable[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {
        each["code"]: (each["customer_id"], str(each["ordered_on"]), each["cds"], each["cents"])
        for each in orders
    }


def _difference(seen: dict[str, Any], wanted: dict[str, Any]) -> str:
    missing, more = wanted.keys() - seen.keys(), seen.keys() - wanted.keys()
    other = [code for code in wanted.keys() & seen.keys() if wanted[code] != seen[code]]
    return f"{len(missing):,} orders missing, {len(more):,} too many, {len(other):,} different"


class _Source:
    """The old system: gives orders one by one, looks around meanwhile, and may hang up."""

    def __init__(
        self, orders: Iterable[dict[str, Any]], *, hangs_up_at: int | None = None, look: Any = None
    ) -> None:
        self._orders = orders
        self._hangs_up_at = hangs_up_at
        self._look = look
        self.taken = 0

    async def orders(self) -> AsyncIterator[dict[str, Any]]:
        for order in self._orders:
            if self._look:
                await self._look(self.taken)
            if self.taken == self._hangs_up_at:
                raise ConnectionError("the old system hung up")
            self.taken += 1
            yield order
            del order  # or the source itself would keep one alive


class ImportOrders(Exercise):
    """An import that may be broken off, begun again, and run while the shop is open."""

    id = "capstone/import-orders"
    title = "The import"
    defines = "import_orders"
    minutes = 45
    achieved = "write an import that can be broken off and repeated, and tells what it stored"
    users = (0,)
    seconds = 60.0
    requirements = {
        "stored": Requirement(
            "every order of a source that comes to its end is stored as it was given, with its customer",
            "An order is known by its code. Its place in a source, or its day and amount, say something else.",
            "large-imports/2",
        ),
        "number": Requirement(
            "the number of orders that this call has stored anew is returned, 0 where there are none",
            "Sent is not stored: where a conflict is passed over, the rows that were sent count too many, and a "
            "count of the table counts what others stored meanwhile.",
            "large-imports/3",
        ),
        "again": Requirement(
            "what is stored already, orders and customers, stays as it is",
            "The old system does not know what was corrected since. Its word counts where there is none yet.",
            "large-imports/3",
        ),
        "repeated": Requirement(
            "an order that comes twice is stored and counted once",
            "A look into the table finds what was stored before. It does not find what stands twice in a chunk.",
            "large-imports/3",
        ),
        "ahead": Requirement(
            f"at no time are more than {AHEAD:,} orders taken from the source and not committed",
            "What is not committed is lost when the source hangs up, and what is collected takes memory.",
            "large-imports/2",
        ),
        "error": Requirement(
            "an error of the source reaches the caller",
            "Who believes that the import has come to its end will not start it again.",
            "large-imports/2",
        ),
        "open": Requirement(
            "while it waits for the source no transaction is open, and at the end no connection is out",
            "Every statement begins a transaction, a SELECT too, and it stays open until somebody ends it. The shop "
            "waits behind it.",
            "transactions/1",
        ),
        "budget": Requirement(
            "at most 20 + N // 50 statements are sent for N orders",
            "A statement for each order is a journey for each order.",
            "bulk-inserts/1",
        ),
    }
    hints = (
        "Chunk, transaction, commit, next chunk. Which of the two tables comes first, and what may be there already?",
        "`in_chunks` cuts the source. In each transaction: the customers of the chunk, then its orders, both with an "
        "INSERT that leaves alone what is there. How does the database tell which rows were new?",
        "`insert(Purchase).on_conflict_do_nothing().returning(Purchase.code)` from the dialect's own `insert`, executed "
        "with the chunk as second argument: what comes back was new. Count it, inside "
        "`async with engine.begin() as connection:`.",
    )
    afterword = (
        "A chunk is one transaction: customers, orders, commit. Nothing notes how far it came, because nothing has "
        "to: an order that is there already is left alone, so to begin anew is to go on. Only the rows that were "
        "really inserted come back from RETURNING, so their number is the answer. While the next orders are "
        "collected, no connection is out."
    )
    another = """
async def import_orders(engine, orders):
    sessions = async_sessionmaker(engine)
    stored = 0
    async for chunk in in_chunks(orders, 500):
        by_code = {order["code"]: order for order in reversed(chunk)}
        async with sessions.begin() as session:
            known = set(await session.scalars(text("SELECT id FROM customers")))
            if new := {order["customer_id"] for order in chunk} - known:
                insert = text("INSERT INTO customers (id) VALUES (:id)")
                await session.execute(insert, [{"id": customer} for customer in sorted(new)])
            query = text("SELECT code FROM purchases WHERE code IN :codes")
            query = query.bindparams(bindparam("codes", expanding=True))
            for code in await session.scalars(query, {"codes": list(by_code)}):
                del by_code[code]
            if by_code:
                insert = text("INSERT INTO purchases VALUES (:code, :customer_id, :ordered_on, :cds, :cents)")
                insert = insert.bindparams(bindparam("ordered_on", type_=Date))
                await session.execute(insert, list(by_code.values()))
        stored += len(by_code)
    return stored
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Break it off, begin again, once more; then small sources of all kinds."""
        async with lab.shop(0) as db, _Outside(db.url, **_impatient(db)) as outside:
            await outside.make_tables()
            web = {"code": "web-1", "customer_id": WEB, "ordered_on": date(1999, 4, 2), "cds": 1, "cents": 5}
            await outside.do(("INSERT INTO customers VALUES (:id, 'Zoë')", {"id": WEB}))
            orders = [_order(order) for order in islice(real_orders(), 6_000)]
            look = _Look(lab, outside, web)

            async with lab.case("the source hangs up after 5,500 orders"):
                source = _Source(map(dict, orders), hangs_up_at=5_500, look=look)
                with _pools() as pools:
                    call = await lab.call(answer, db.engine, source.orders(), on=db, catch=ConnectionError)
                if look.blocked and call.error:  # what follows a write that was in the way proves nothing
                    return
                saw = f"it returned {call.value!r}, as if nothing had happened"
                if not lab.expect("error", call.error, saw, call):
                    return
                lab.expect(
                    "open", not pools.kept, f"{counted(pools.kept, 'connection')} out afterwards", call
                )
                lab.expect("budget", call.sent <= 20 + 5_500 // 50, f"{call.sent:,} statements", call)
            if {"ahead", "open", "budget"} & lab.broken.keys() or lab.raised:
                return  # what is stored by now is another matter then

            before = await outside.purchases()
            await outside.do(
                ("UPDATE customers SET name = 'Łucja' WHERE id = 3", None),
                ("UPDATE purchases SET cents = 1 WHERE code = 'cdnow-7'", None),
            )
            wanted = _as_stored([*orders, web])
            wanted["cdnow-7"] = (*wanted["cdnow-7"][:3], 1)
            web = web | {"code": "web-2"}

            async def meanwhile(taken: int) -> None:
                if taken == 4_000:  # the shop goes on selling
                    await outside.do((_INSERT, web))

            async with lab.case("once more, 6,000 orders"):
                call = await self._call(answer, lab, db, orders, look=meanwhile)
                new = len(wanted) - len(before)
                wanted |= _as_stored([web])
                if await self._stored(lab, outside, wanted, call):
                    lab.expect("number", call.value == new, f"{call.value!r} instead of {new}", call)
                lab.expect("budget", call.sent <= 20 + len(orders) // 50, f"{call.sent:,} statements", call)
                names = dict(
                    await outside.rows("SELECT id, name FROM customers WHERE id IN (3, :id)", id=WEB)
                )
                saw = f"customers 3 and {WEB} are named {names.get(3)!r} and {names.get(WEB)!r}"
                lab.expect("again", names == {3: "Łucja", WEB: "Zoë"}, saw, call)
            if {"budget", "stored"} & lab.broken.keys() or lab.raised:
                return
            for label, feed, new, key in (
                ("everything once more", orders, 0, "again"),
                (
                    "ten known orders and thirty new ones",
                    [*orders[:10], *_made_up("spring", 30, 800_000)],
                    30,
                    "stored",
                ),
                ("new orders, some of them twice", _twice(), 20, "repeated"),
                ("a source without orders", [], 0, "number"),
            ):
                if not (lab.broken or lab.raised):  # or the next ones would say the same once more
                    async with lab.case(label):
                        call = await self._call(answer, lab, db, feed, blame=key)
                        wanted = _as_stored(feed) | wanted
                        if await self._stored(lab, outside, wanted, call, key):
                            key = key if key == "repeated" else "number"
                            lab.expect(key, call.value == new, f"{call.value!r} instead of {new}", call)

    async def _call(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        orders: list[dict[str, Any]],
        blame: str | None = None,
        look: Any = None,
    ) -> Call:
        source = _Source(map(dict, orders), look=look)
        return await lab.call(answer, db.engine, source.orders(), on=db, returns=int, blame=blame)

    async def _stored(
        self, lab: Lab, outside: _Outside, wanted: dict[str, Any], call: Call, key: str = "stored"
    ) -> bool:
        seen = await outside.purchases()
        changed = seen.get("cdnow-7") != wanted["cdnow-7"]
        saw = f"an order that was corrected to 1 cent is stored with {seen.get('cdnow-7', (None,))[-1]}"
        lab.expect("again", not changed, saw, call)
        if changed:
            seen["cdnow-7"] = wanted["cdnow-7"]
        lab.expect("stored" if key == "again" else key, seen == wanted, _difference(seen, wanted), call)
        customers = {row[0] for row in await outside.rows("SELECT id FROM customers")}
        more = len(customers - {order[0] for order in wanted.values()})
        saw = f"{counted(more, 'customer')} without any order"
        return lab.expect("stored", not more, saw, call) and seen == wanted


def _impatient(db: Any) -> dict[str, Any]:
    """SQLite: how long a write waits for somebody else's transaction, in seconds."""
    return {"connect_args": {"timeout": 2}} if db.backend == "sqlite" else {}


def _twice() -> list[dict[str, Any]]:
    new = _made_up("summer", 20, 810_000)
    return [*new, *map(dict, new[5:15])]


class _Look:
    """What the source sees while an import takes orders from it: how far ahead it is, and what it blocks."""

    def __init__(self, lab: Lab, outside: _Outside, order: dict[str, Any]) -> None:
        self._lab = lab
        self._outside = outside
        self._order = order
        self.blocked = False

    async def __call__(self, taken: int) -> None:
        if taken % 250 == 0:
            stored = await self._outside.number("SELECT count(*) FROM purchases WHERE code LIKE 'cdnow%'")
            saw = f"{taken - stored:,} orders were taken and not committed"
            self._lab.expect("ahead", taken - stored <= AHEAD, saw)
        if taken == 3_000 and "ahead" not in self._lab.broken:
            await self._write()

    async def _write(self) -> None:
        """The shop sells something meanwhile; and on PostgreSQL, see whether anything idles in a transaction."""
        try:
            await self._outside.do((_INSERT, self._order))
        except DBAPIError:
            self.blocked = True
        if not self.blocked and self._lab.backend == "postgresql":
            self.blocked = not await _comes_true(self._nobody_idles)
        idle = "a transaction of the import was open while it waited for the source"
        self._lab.expect("open", not self.blocked, idle)
        if self.blocked:
            raise ConnectionError("the old system hung up")

    async def _nobody_idles(self) -> bool:
        return not await self._outside.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )


async def _comes_true(look: Callable[[], Any], seconds: float = 2.0) -> bool:
    """Look until something is so, or the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not await look():  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.01)
            return True
    return False


# --- the service
# ------------------------------------------------------------------------------------------------


class _Pools:
    """What the pools of the answer's engines do; the check's own connections were opened before.

    kept: connections that are out, or were found by the garbage collector. open, most: open now, and at most.
    """

    def __init__(self) -> None:
        self.open = self.most = self.lost = 0
        self._out: dict[int, Any] = {}

    @property
    def kept(self) -> int:
        return len(self._out) + self.lost

    def on_connect(self, *_: Any) -> None:
        self.open += 1
        self.most = max(self.most, self.open)

    def on_close(self, *_: Any) -> None:
        self.open -= 1

    def on_checkout(self, dbapi_connection: Any, record: Any, proxy: Any) -> None:
        self._out[id(record)] = record

    def on_checkin(self, dbapi_connection: Any, record: Any) -> None:
        self._out.pop(id(record), None)

    def on_reset(self, dbapi_connection: Any, record: Any, state: Any) -> None:
        # Only the garbage collector resets where nothing can be awaited.
        if not state.asyncio_safe and self._out.pop(id(record), None) is not None:
            self.lost += 1


@contextlib.contextmanager
def _pools() -> Iterator[_Pools]:
    """Record what all pools do. Nothing of the check's own may be opened or closed meanwhile."""
    pools = _Pools()
    names = ("connect", "close", "checkout", "checkin", "reset")
    for name in names:
        event.listen(Pool, name, getattr(pools, f"on_{name}"))
    try:
        yield pools
    finally:
        for name in names:
            event.remove(Pool, name, getattr(pools, f"on_{name}"))


class _Front:
    """The reader's application as the server runs it: keeps the errors, and looks when an answer leaves."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.under_way = 0
        self.error: BaseException | None = None
        self.look: Callable[[], Any] | None = None
        self.seen: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start" and self.look:
                self.seen = await self.look()
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.under_way += 1
        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            self.error = error
            raise
        finally:
            self.under_way -= 1

    async def idle(self) -> bool:
        return not self.under_way


class _Client:
    """A client of the reader's service, over a real connection."""

    def __init__(self, front: _Front, http: Any) -> None:
        self.front = front
        self._http = http

    async def ask(
        self, method: str, path: str, body: Any = None, *, seconds: float = PATIENCE + 5
    ) -> "_Answer":
        """Send one request. Where no answer comes in time, its status is 0."""
        import httpx

        self.front.error = None
        try:
            reply = await self._http.request(method, path, json=body, timeout=seconds)
        except httpx.HTTPError as none_came:
            return _Answer(0, type(none_came).__name__, False, None)
        try:
            content = reply.json()
        except ValueError:
            content = reply.text
        error = self.front.error if reply.status_code >= 500 else None
        return _Answer(reply.status_code, content, "Retry-After" in reply.headers, error)

    async def put(self, order: dict[str, Any]) -> "_Answer":
        return await self.ask("PUT", f"/orders/{order['code']}", _body(order))


class _Answer:
    """status, decoded body, whether it asks the client to come again; and what came out of the application."""

    def __init__(self, status: int, body: Any, retry: bool, error: BaseException | None) -> None:
        self.status = status
        self.body = body
        self.retry = retry
        self._error = error

    def __str__(self) -> str:
        if not self.status:
            return f"no answer ({self.body})"
        why = ""
        if self._error is not None:
            where = own_line(self._error)
            lines = error_text(self._error).splitlines()[0][:200]
            why = f" ({lines}{f', at {where}' if where else ''})"
        return f"{self.status}{why}"


def _body(order: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name != "code"} | {
        "ordered_on": str(order["ordered_on"])
    }


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[_Client]:
    """The application on a real server, and a client for it."""
    import httpx

    from course_lib.sandbox import serve

    front = _Front(app)
    limits = httpx.Limits(max_connections=None)
    async with (
        serve(front) as url,
        httpx.AsyncClient(base_url=url, limits=limits) as http,
    ):
        yield _Client(front, http)


def _customer(key: int, name: str | None, orders: list[dict[str, Any]]) -> dict[str, Any]:
    """What the service is to say of a customer."""
    own = [order for order in orders if order["customer_id"] == key]
    return {
        "id": key,
        "name": name,
        "orders": len(own),
        "cents": sum(order["cents"] for order in own),
        "last_ordered_on": max((str(order["ordered_on"]) for order in own), default=None),
    }


def _dashboard(customers: list[dict[str, Any]], size: int) -> dict[str, Any]:
    best = sorted(customers, key=lambda each: (-each["cents"], each["id"]))[:size]
    totals = {name: sum(each[name] for each in customers) for name in ("orders", "cents")}
    return {"customers": len(customers), **totals, "best": best}


def _told(seen: Any, wanted: Any) -> str:
    """Where an answer differs first."""
    if isinstance(seen, dict) and isinstance(wanted, dict):
        for name in wanted:
            if name not in seen:
                return f"no `{name}`"
            if seen[name] != wanted[name]:
                return f"`{name}`: {_told(seen[name], wanted[name])}"
        return f"more than was asked for: {', '.join(sorted(map(str, seen.keys() - wanted.keys())))}"
    if isinstance(seen, list) and isinstance(wanted, list):
        for place, (one, other) in enumerate(zip(seen, wanted, strict=False), 1):
            if one != other:
                return f"entry {place}: {_told(one, other)}"
        return f"{len(seen)} entries instead of {len(wanted)}"
    return f"{seen!r} instead of {wanted!r}"


class DashboardService(Exercise):
    """A service whose answers are true, within a budget of statements."""

    id = "capstone/dashboard-service"
    title = "The service"
    defines = "make_app"
    minutes = 60
    achieved = "build a service from a specification, within a budget of statements"
    users = (0,)
    seconds = 60.0
    requirements = {
        "figures": Requirement(
            "the dashboard and a customer's figures are right, also with no orders or no customers at all",
            "An inner join leaves out who has no orders, the sum of nothing is None, and rows that are equal in what they "
            "are sorted by come in any sequence.",
            "choosing-a-loader/5",
        ),
        "budget": Requirement(
            "a GET sends at most 3 statements and fetches at most size + 10 rows, however much there is; a PUT "
            "sends at most 5",
            "The database counts and adds without sending the rows. A loop over customers asks for each of them.",
            "choosing-a-loader/5",
        ),
        "refused": Requirement(
            "an unknown customer is answered 404, what is no order, no key or no size 422; nothing is stored",
            "A query finds nobody without complaint. What does not fit into a column is refused by the one database and "
            "stored by the other: say no before it.",
            "models/2",
        ),
        "stored": Requirement(
            "a new order is answered 201 and stored as it was sent; asked again, the same order is answered 200",
            "A client that heard nothing asks again. The code tells the service that it is the same order.",
            "large-imports/3",
        ),
        "promised": Requirement(
            "when the 201 leaves the application, another connection reads the order",
            'A dependency ends behind the answer, unless it has `scope="function"`. A 201 is a promise; commit first.',
            "transactions/1",
        ),
        "conflict": Requirement(
            "another order under a code that is taken is answered 409, and the stored one stays as it is",
            "Two orders with one code are a conflict: neither a success nor a fault of the server.",
            "large-imports/3",
        ),
        "race": Requirement(
            "PostgreSQL: if the same order comes twice at the same time, one is answered 201 and the other 200",
            "A SELECT sees what was committed before it. Only the INSERT finds out for certain.",
            "bulk-inserts/5",
        ),
        "closed": Requirement(
            "after every answer all connections are back in the pool, and when the server has stopped none is open",
            "Who opens an engine disposes of it: the lifespan does both.",
            "connection-pool/1",
        ),
    }
    hints = (
        "Begin with the models and with `GET /customers/{key}`, whose query serves the dashboard too. What decides "
        "between 200, 201 and 409 is asked of the database once.",
        "A `select` of the customer's columns, a count, a sum and a max, with an OUTER JOIN and a GROUP BY. The PUT "
        "is an INSERT that leaves alone what is there; whether it inserted says 201, else compare.",
        "`web.lifespan(url, **options)` and `web.RequestSession` from `course_lib.patterns`; "
        "`insert(Purchase).values(...).on_conflict_do_nothing().returning(Purchase.code)`; an `IntegrityError` whose "
        "`broken_rule` is a foreign key is the 404.",
    )
    afterword = (
        "One query with an outer join and a group serves both GETs; the totals are a second one. The PUT writes "
        "first and looks afterwards: what the INSERT gives back was new, and if nothing comes back, somebody had the "
        "code, a moment or a year ago. `RequestSession` commits before the answer, `lifespan` owns the engine, and "
        "pydantic refuses what no column could hold."
    )
    another = '''
class Order(BaseModel):
    customer_id: int = Field(ge=1, lt=2**31)
    ordered_on: date
    cds: int = Field(ge=1, le=1000)
    cents: int = Field(ge=0, lt=2**31)


FIGURES = """
    SELECT c.id, c.name, count(p.code) AS orders, coalesce(sum(p.cents), 0) AS cents,
           max(p.ordered_on) AS last_ordered_on
    FROM customers c LEFT JOIN purchases p ON p.customer_id = c.id {where}
    GROUP BY c.id, c.name ORDER BY cents DESC, c.id LIMIT :size"""


def make_app(url, **options):
    @asynccontextmanager
    async def run(app):
        app.state.engine = make_engine(url, **options)
        yield
        await app.state.engine.dispose()

    app = FastAPI(lifespan=run)

    async def figures(connection, size, key=None):
        query = FIGURES.format(where="" if key is None else "WHERE c.id = :key")
        values = {"size": size} | ({} if key is None else {"key": key})
        return [dict(row) for row in (await connection.execute(text(query), values)).mappings()]

    @app.get("/dashboard")
    async def dashboard(size: int = Query(10, ge=1, le=100)):
        async with app.state.engine.connect() as connection:
            customers = await connection.scalar(text("SELECT count(*) FROM customers"))
            sums = "SELECT count(*), coalesce(sum(cents), 0) FROM purchases"
            orders, cents = (await connection.execute(text(sums))).one()
            best = await figures(connection, size)
        return {"customers": customers, "orders": orders, "cents": cents, "best": best}

    @app.get("/customers/{key}")
    async def customer(key: int = Path(ge=1, lt=2**31)):
        async with app.state.engine.connect() as connection:
            found = await figures(connection, 1, key)
        if not found:
            raise HTTPException(404, "There is no such customer.")
        return found[0]

    @app.put("/orders/{code}")
    async def put_order(order: Order, response: Response, code: str = Path(max_length=40)):
        sent = {"code": code, **order.model_dump()}
        day = bindparam("ordered_on", type_=Date)
        insert = text("INSERT INTO purchases VALUES (:code, :customer_id, :ordered_on, :cds, :cents)")
        try:
            async with app.state.engine.begin() as connection:
                await connection.execute(insert.bindparams(day), sent)
            response.status_code = 201
            return sent
        except IntegrityError:
            pass
        query = text("SELECT * FROM purchases WHERE code = :code").columns(ordered_on=Date)
        async with app.state.engine.connect() as connection:
            stored = (await connection.execute(query, {"code": code})).mappings().one_or_none()
        if stored is None:
            raise HTTPException(404, "There is no such customer.")
        if dict(stored) != sent:
            raise HTTPException(409, "This code is taken.")
        return sent

    return app
'''

    async def check(self, answer: Any, lab: Lab) -> None:
        """A real server: an empty shop, a full one, what is refused, what is stored, and what comes twice."""
        async with (
            lab.shop(0) as db,
            _Outside(db.url) as outside,
            _Outside(db.url) as other,
        ):
            await outside.make_tables()
            with _pools() as pools:
                app = await _app(answer, lab, db.url)
                async with _served(app) as client:
                    steps = _Steps(lab, db, outside, client, pools)
                    await self._empty(lab, steps)
                    orders, customers = await _fill(outside)
                    if "figures" not in lab.broken:
                        await self._figures(lab, steps, orders, customers)
                    await self._refused(lab, steps)
                    if "closed" not in lab.broken:
                        await self._put(lab, steps)
                    if lab.backend == "postgresql" and not {"stored", "closed"} & lab.broken.keys():
                        await self._race(lab, steps, other)
                if "closed" not in lab.broken:
                    saw = f"{counted(pools.open, 'connection')} open after the end"
                    lab.expect("closed", not pools.open, saw)

    async def _empty(self, lab: Lab, steps: "_Steps") -> None:
        call = await steps.ask("an empty shop", "GET", "/dashboard")
        wanted = _dashboard([], 10)
        if lab.expect("figures", call.value.status == 200, str(call.value), call):
            saw = _told(call.value.body, wanted)
            lab.expect("figures", call.value.body == wanted, saw, call)

    async def _figures(
        self, lab: Lab, steps: "_Steps", orders: list[dict[str, Any]], customers: list[dict[str, Any]]
    ) -> None:
        alone, tied = customers[-1]["id"], customers[-3]["id"]
        cases = [(f"/dashboard?size={size}", size, _dashboard(customers, size)) for size in (3, 100)]
        cases.append(("/dashboard", 10, _dashboard(customers, 10)))
        for key in (1, 7, tied, alone):
            cases.append((f"/customers/{key}", 1, next(each for each in customers if each["id"] == key)))
        for path, size, wanted in cases:
            call = await steps.ask(f"GET {path}", "GET", path)
            body = call.value.body
            if not lab.expect("figures", call.value.status == 200, str(call.value), call):
                return
            lab.expect("figures", body == wanted, _told(body, wanted), call)
            lab.expect("budget", call.sent <= 3, counted(call.sent, "statement"), call)
            lab.expect("budget", call.rows <= size + 10, f"{counted(call.rows, 'row')} fetched", call)

    async def _refused(self, lab: Lab, steps: "_Steps") -> None:
        good = _made_up("bad", 1, 1)[0]
        before = await steps.outside.number("SELECT count(*) FROM purchases")
        changes: tuple[tuple[str, dict[str, Any], int], ...] = (
            ("an unknown customer", {"customer_id": NOBODY}, 404),
            ("no customer", {"customer_id": None}, 422),
            ("a customer beyond 32 bits", {"customer_id": TOO_LARGE}, 422),
            ("no CDs", {"cds": 0}, 422),
            ("less than no money", {"cents": -1}, 422),
            ("money beyond 32 bits", {"cents": TOO_LARGE}, 422),
            ("a day that is none", {"ordered_on": "soon"}, 422),
            ("a code of 41 characters", {"code": "x" * 41}, 422),
        )
        for label, change, status in changes:
            order = good | change
            call = await steps.ask(label, "PUT", f"/orders/{order['code']}", _body(order))
            lab.expect("refused", call.value.status == status, f"PUT: {call.value} instead of {status}", call)
        for path, status in (
            (f"/customers/{NOBODY}", 404),
            ("/customers/zoe", 422),
            (f"/customers/{TOO_LARGE}", 422),
            ("/dashboard?size=0", 422),
            ("/dashboard?size=101", 422),
        ):
            call = await steps.ask(f"GET {path}", "GET", path)
            lab.expect("refused", call.value.status == status, f"{call.value} instead of {status}", call)
        more = await steps.outside.number("SELECT count(*) FROM purchases") - before
        lab.expect("refused", not more, f"{counted(more, 'order')} stored")

    async def _put(self, lab: Lab, steps: "_Steps") -> None:
        order = _made_up("café", 3, 1)[2] | {"cents": 0}
        path, body = f"/orders/{order['code']}", _body(order)

        async def look() -> int:
            return await steps.outside.number(
                "SELECT count(*) FROM purchases WHERE code = :c", c=order["code"]
            )

        steps.client.front.look = look
        call = await steps.ask("a new order", "PUT", path, body)
        steps.client.front.look = None
        answer = call.value
        if lab.expect("stored", answer.status == 201, f"{answer} instead of 201", call):
            wanted = {"code": order["code"], **body}
            lab.expect("stored", answer.body == wanted, _told(answer.body, wanted), call)
            at_last = (await steps.outside.purchases()).get(order["code"])
            wanted_row = _as_stored([order])[order["code"]]
            if not lab.expect(
                "stored", at_last == wanted_row, f"stored is {at_last}, sent was {wanted_row}", call
            ):
                return
            lab.expect("promised", steps.client.front.seen == 1, "it was stored after the answer", call)
            lab.expect("budget", call.sent <= 5, counted(call.sent, "statement"), call)
        call = await steps.ask("the same order again", "PUT", path, body)
        lab.expect("stored", call.value.status == 200, f"{call.value} instead of 200", call)
        for change in ({"cents": 7}, {"cds": 9}, {"ordered_on": "1999-04-03"}, {"customer_id": 7}):
            label = f"another order under its code, with another `{next(iter(change))}`"
            call = await steps.ask(label, "PUT", path, body | change)
            lab.expect("conflict", call.value.status == 409, f"{call.value} instead of 409", call)
        after = (await steps.outside.purchases()).get(order["code"])
        ok = after == _as_stored([order])[order["code"]]
        lab.expect("conflict", ok, f"the stored order became {after}", call)

    async def _race(self, lab: Lab, steps: "_Steps", other: _Outside) -> None:
        """Somebody has inserted the same order and not committed: unseen by a SELECT, in the way of an INSERT."""
        async with lab.case("the same order twice at the same time"):
            order = _made_up("race", 2, 1)[1] | {"customer_id": 7}
            await other.connection.execute(_INSERT, order)
            asked = asyncio.ensure_future(
                steps.ask("the same order twice at the same time", "PUT", "/orders/race-1", _body(order))
            )

            async def waits() -> bool:
                return asked.done() or bool(await _waiting(steps.outside))

            await _comes_true(waits, PATIENCE)
            await other.connection.commit()
            call = await asked
            lab.expect("race", call.value.status == 200, f"{call.value} instead of 200", call)


async def _waiting(outside: _Outside) -> list[int]:
    """The server's processes in this database that wait for a lock."""
    rows = await outside.rows(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return [row[0] for row in rows]


async def _app(answer: Any, lab: Lab, *args: Any) -> Any:
    from fastapi import FastAPI

    call = await lab.call(answer, *args, returns=FastAPI, asynchronous=False, label="making the app")
    return call.value


async def _fill(outside: _Outside) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Orders of sixty real customers, and thirty more who have none: all equal, the last first."""
    names: dict[int, str | None] = {key: f"Łucja {key}" if key % 2 else None for key in range(1, 91)}
    orders = [_order(order) for order in islice(real_orders(), 400) if order.customer_id <= 60]
    await outside.do(
        (
            "INSERT INTO customers VALUES (:id, :name)",
            [{"id": key, "name": names[key]} for key in sorted(names, reverse=True)],
        ),
        (_INSERT, orders),
    )
    return orders, [_customer(key, name, orders) for key, name in names.items()]


class _Steps:
    """Requests one after the other, each with its statements; and whether it gave back its connections."""

    def __init__(self, lab: Lab, db: Any, outside: _Outside, client: _Client, pools: _Pools) -> None:
        self.outside = outside
        self.client = client
        self._lab = lab
        self._db = db
        self._pools = pools

    async def ask(self, label: str, method: str, path: str, body: Any = None) -> Call:
        call = await self._lab.call(self.client.ask, method, path, body, on=self._db, label=label)
        await _comes_true(self.client.front.idle)
        await self.all_back(call)
        return call

    async def all_back(self, call: Call) -> None:
        async def back() -> bool:
            return not self._pools.kept

        if "closed" not in self._lab.broken and not self._pools.lost:
            await _comes_true(back)
        kept = self._pools.kept
        self._lab.expect("closed", not kept, f"{counted(kept, 'connection')} not back in the pool", call)


# --- under load
# ------------------------------------------------------------------------------------------------


class _Storm:
    """Many clients of a service on PostgreSQL, and somebody who kills connections. Records breaches by key."""

    def __init__(
        self,
        lab: Lab,
        client: _Client,
        pools: _Pools,
        outside: _Outside,
        other: _Outside,
        keys: dict[str, str] | None = None,
    ) -> None:
        self.stored: list[dict[str, Any]] = []
        self._lab = lab
        self._client = client
        self._pools = pools
        self._outside = outside
        self._other = other
        self._keys = keys or {}
        self._made = 0

    def expect(self, key: str, ok: object, saw: str, label: str) -> bool:
        return self._lab.expect(self._keys.get(key, key), ok, f"{saw} ({label})")

    def new_order(self) -> dict[str, Any]:
        """An order for customer 1, with a code of its own."""
        self._made += 1
        day = date(1999, 4, 1)
        return {
            "code": f"load-{self._made}",
            "customer_id": 1,
            "ordered_on": day,
            "cds": 1,
            "cents": self._made,
        }

    async def one_client(self) -> bool:
        """Every kind of answer once, and after each of them every connection is back."""
        order, label = self.new_order(), "one client"
        self.stored.append(order)
        path, body = f"/orders/{order['code']}", _body(order)
        for method, where, sent, status in (
            ("PUT", path, body, 201),
            ("PUT", path, body, 200),
            ("PUT", path, body | {"cents": 10**6}, 409),
            ("PUT", "/orders/x", body | {"customer_id": NOBODY}, 404),
            ("GET", f"/customers/{NOBODY}", None, 404),
            ("GET", "/dashboard", None, 200),
        ):
            answer = await self._client.ask(method, where, sent)
            saw = f"{method} {where}: {answer} instead of {status}"
            right = self.expect("served", answer.status == status, saw, label)
            if not (await self._all_back(f"{label}, after {method} {where}: {answer.status}") and right):
                return False
        return True

    async def many(self, clients: int, most: int | None = None) -> bool:
        """So many clients at the same time, each with two orders and a look."""
        label = f"{clients} clients at the same time"

        async def one() -> list[_Answer]:
            answers = []
            for _ in range(2):
                order = self.new_order()
                answers.append(await self._client.put(order))
                if 200 <= answers[-1].status < 300:
                    self.stored.append(order)
            return [*answers, await self._client.ask("GET", "/customers/1")]

        answers = [each for some in await asyncio.gather(*(one() for _ in range(clients))) for each in some]
        away = [each for each in answers if not 200 <= each.status < 300]
        saw = f"{len(away)} of {len(answers)} requests were not served: {away[0] if away else ''}"
        right = self.expect("served", not away, saw, label)
        if most is not None:
            saw = f"{self._pools.most} connections were open at the same time, {most} were allowed"
            right &= self.expect("bounded", self._pools.most <= most, saw, label)
        return await self._all_back(label) and right

    async def killed_at_work(self, connections: int) -> bool:
        """Connections are killed while their requests wait for a lock; then the clients ask again."""
        label = "connections killed at work"
        orders = [self.new_order() for _ in range(2 * connections)]
        await self._other.connection.execute(text("SELECT id FROM customers WHERE id = 1 FOR UPDATE"))
        asking = [asyncio.ensure_future(self._client.put(order)) for order in orders]

        async def at_work() -> bool:
            waiting = len(await _waiting(self._outside))
            return waiting >= connections or all(each.done() for each in asking)

        busy = await _comes_true(at_work, PATIENCE / 2)
        waiting = await _waiting(self._outside)
        if busy:
            await self._kill(waiting)
        await self._other.connection.rollback()
        answers = await asyncio.gather(*asking)
        again = []
        for order, answer in zip(orders, answers, strict=True):
            if 200 <= answer.status < 300:
                self.stored.append(order)
                continue
            saw = f"a PUT was answered {answer}"
            if answer.status == 503 and not answer.retry:
                saw += " without `Retry-After`"
            self.expect("killed", answer.status == 503 and answer.retry, saw, label)
            again.append(order)
        for order in again:
            answer = await self._client.put(order)
            saw = f"asked again, a client was answered {answer}"
            if self.expect("later", answer.status in (200, 201), saw, label):
                self.stored.append(order)
        saw = f"{len(orders)} clients came, and {len(waiting)} of {connections} connections were at work"
        return self.expect("served", busy, saw, label) and await self._all_back(label)

    async def killed_at_rest(self) -> None:
        """All idle connections are killed; then clients come, one after the other."""
        label = "idle connections killed"
        mine = [await each.number("SELECT pg_backend_pid()") for each in (self._outside, self._other)]
        rows = await self._outside.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        await self._kill([row[0] for row in rows if row[0] not in mine])
        for number in range(1, 5):
            order = self.new_order()
            answer = await self._client.put(order)
            saw = f"request {number} after it was answered {answer}"
            if self.expect("later", answer.status == 201, saw, label):
                self.stored.append(order)
        await self._all_back(label)

    async def once(self, wanted: dict[str, Any] | None = None) -> None:
        """What was promised is stored, once, and nothing else is."""
        seen = await self._outside.purchases()
        wanted = (wanted or {}) | _as_stored(self.stored)
        self.expect("once", seen == wanted, _difference(seen, wanted), "at the end")

    async def _kill(self, processes: list[int]) -> None:
        for process in processes:
            await self._outside.rows("SELECT pg_terminate_backend(:process)", process=process)

        async def gone() -> bool:
            alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = :process"
            return not any([await self._outside.number(alive, process=each) for each in processes])

        await _comes_true(gone, PATIENCE)

    async def _all_back(self, label: str) -> bool:
        async def back() -> bool:
            return not self._pools.kept and await self._client.front.idle()

        if not self._pools.lost:
            await _comes_true(back)
        kept = self._pools.kept
        return self.expect(
            "given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", label
        )


class UnderLoad(Exercise):
    """The service with a limit to its connections, more clients than that, and connections that die."""

    id = "capstone/under-load"
    title = "Under load"
    defines = "busy_app"
    minutes = 40
    achieved = "keep a service true to its word while its connections are few, and die"
    backends = ("postgresql",)
    users = (0,)
    seconds = 150.0
    requirements = {
        "bounded": Requirement(
            "at no time are more than `connections` connections open",
            "A pool has an overflow of ten unless it is told otherwise.",
            "connection-pool/1",
        ),
        "served": Requirement(
            "all connections are put to work; more clients than that wait their turn, up to `patience` seconds, and are "
            "served",
            "A full pool is no failure as long as it empties. And a request that takes a second connection while it "
            "holds one may wait for itself.",
            "limits-and-cancellation/1",
        ),
        "full": Requirement(
            "who got no connection for `patience` seconds is answered 503 with `Retry-After`",
            "By default one waits for thirty seconds, and then gets a 500: the pool's own TimeoutError is no "
            "DBAPIError, nor is it Python's.",
            "connection-pool/2",
        ),
        "killed": Requirement(
            "a request whose connection is killed is answered 503 with `Retry-After`, or served all the same",
            "A lost connection is nobody's mistake. A 500 does not tell the client to come again.",
            "connection-pool/3",
        ),
        "later": Requirement(
            "a request that begins after the kill is served, the first one too",
            "What lies in the pool may be dead. Somebody has to look before it is given out.",
            "connection-pool/3",
        ),
        "once": Requirement(
            "what was answered 200 or 201 is stored, once, and nothing else is",
            "An answer is a promise. What is still to be written when it leaves may get lost.",
            "transactions/1",
        ),
        "given-back": Requirement(
            "after every request all connections are back in the pool, and at the end all are closed",
            "Every way out gives back: the error's too.",
            "sessions/5",
        ),
    }
    hints = (
        "Your service is right already. What has to change is how its engine is made, and what it says when the "
        "database fails it.",
        "Four options of the engine: size, overflow, timeout, and a look before a connection is given out. Then "
        "handlers for two kinds of errors. Which attribute of a `DBAPIError` tells a lost connection from a bug?",
        "`make_app(url, pool_size=connections, max_overflow=0, pool_timeout=patience, pool_pre_ping=True)`; "
        "`app.add_exception_handler` for `sqlalchemy.exc.TimeoutError`, and for `DBAPIError` where "
        "`error.connection_invalidated`; all else is raised again.",
    )
    afterword = (
        "The engine does most of it: a pool of one size that waits so long and no longer, and looks at a connection "
        "before it gives it out. Two handlers tell the client what it can do. That it may safely come again is the "
        "work of part 2: the same code is the same order. Neither part needs to know the other's insides."
    )
    another = """
def busy_app(url, connections, patience):
    app = make_app(
        url, pool_size=connections, max_overflow=0, pool_timeout=patience, pool_pre_ping=True
    )

    @app.middleware("http")
    async def not_now(request, call_next):
        try:
            return await call_next(request)
        except (DBAPIError, PoolTimeout) as error:
            if isinstance(error, DBAPIError) and not error.connection_invalidated:
                raise
            return JSONResponse({"detail": "Not now."}, 503, headers={"Retry-After": "1"})

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """One client, six, twenty-four; connections killed at work and at rest; and a pool that stays full."""
        async with lab.shop(0) as db, _Outside(db.url) as outside, _Outside(db.url) as other:
            await outside.make_tables()
            await outside.do(("INSERT INTO customers (id) VALUES (1)", None))
            with _pools() as pools:
                app = await _app(answer, lab, db.url, 3, PATIENCE)
                async with _served(app) as client, lab.case("three connections"):
                    storm = _Storm(lab, client, pools, outside, other)
                    steps = (storm.one_client, lambda: storm.many(6, 3), lambda: storm.many(24, 3))
                    for step in steps:
                        if not await step():
                            return
                    if await storm.killed_at_work(3):
                        await storm.killed_at_rest()
                    await storm.once()
                if lab.raised or "served" in lab.broken:
                    return
                if not lab.broken:
                    saw = f"{counted(pools.open, 'connection')} open after the server has stopped"
                    lab.expect("given-back", not pools.open, saw)
            async with lab.case("two connections, both at work for long"):
                await self._full(answer, lab, db, outside, other)

    async def _full(self, answer: Any, lab: Lab, db: Any, outside: _Outside, other: _Outside) -> None:
        app = await _app(answer, lab, db.url, 2, 0.5)
        async with _served(app) as client:
            await asyncio.gather(*(client.ask("GET", "/customers/1") for _ in range(2)))  # opens them
            await other.connection.execute(text("SELECT id FROM customers WHERE id = 1 FOR UPDATE"))
            orders = [order | {"customer_id": 1} for order in _made_up("full", 2, 1)]
            asking = [asyncio.ensure_future(client.put(order)) for order in orders]

            async def both() -> bool:
                return len(await _waiting(outside)) == 2 or all(each.done() for each in asking)

            await _comes_true(both, PATIENCE)
            third = await client.ask("GET", "/customers/1", seconds=PATIENCE / 2)
            await other.connection.rollback()
            stored = await asyncio.gather(*asking)
            told = f"{third}" if third.retry or third.status != 503 else "503 without `Retry-After`"
            lab.expect("full", third.status == 503 and third.retry, f"a third request: {told}")
            for each in (*stored, await client.ask("GET", "/customers/1")):
                saw = f"when there was room again: {each}"
                lab.expect("full", 200 <= each.status < 300 or "full" in lab.broken, saw)


# --- the whole
# ------------------------------------------------------------------------------------------------


class _Code(str):
    """A code whose life can be watched."""

    __slots__ = ("__weakref__",)


class _WholeFile:
    """The real orders, all of them. Watches how many are alive, by every fiftieth; fails after so many."""

    EVERY = 50

    def __init__(self, *, hangs_up_at: int | None = None, meanwhile: Any = None) -> None:
        self.most = 0
        self._hangs_up_at = hangs_up_at
        self._meanwhile = meanwhile
        self._alive: weakref.WeakSet[_Code] = weakref.WeakSet()

    def source(self) -> AsyncIterator[dict[str, Any]]:
        return _Source(self._orders(), hangs_up_at=self._hangs_up_at, look=self._look).orders()

    def _orders(self) -> Iterator[dict[str, Any]]:
        for real in real_orders():
            order = _order(real)
            if real.number % self.EVERY == 0:
                order["code"] = _Code(order["code"])
                self._alive.add(order["code"])
            yield order
            del order

    async def _look(self, taken: int) -> None:
        if taken % 1_000 == 0:
            if len(self._alive) * self.EVERY > ALIVE:
                gc.collect()  # what only waits for the collector is held by nobody
            self.most = max(self.most, len(self._alive) * self.EVERY)
            if self.most > 2 * ALIVE:
                raise ConnectionError("enough is known")
        if taken and taken % 10_000 == 0 and self._meanwhile:
            await self._meanwhile()


class Whole(Exercise):
    """The parts together, at full size."""

    id = "capstone/whole"
    title = "The whole"
    defines = "finished"
    core = False
    minutes = 15
    achieved = "hand over an import and a service that work together, at full size"
    backends = ("postgresql",)
    users = (0,)
    seconds = 240.0
    requirements = {
        "imported": Requirement(
            "the 69,659 orders are stored once, although the first attempt was broken off, and the number is right",
            "255 of the orders equal another one in all but the code, and 80 cost nothing. They are orders.",
            "large-imports/2",
        ),
        "memory": Requirement(
            f"at most {ALIVE:,} orders of the source are alive at the same time",
            "A list of all that came, in whatever form, grows with the source.",
            "large-imports/1",
        ),
        "together": Requirement(
            "while the import runs, the service goes on answering, and takes orders",
            "What the import holds, be it a transaction or a lock on a table, the shop waits for.",
            "transactions/1",
        ),
        "figures": Requirement(
            "at the end the dashboard is right, within the same budget of 3 statements and size + 10 rows",
            "What was kept from an earlier look is what an earlier look saw.",
            "stale-and-expired/1",
        ),
        "load": Requirement(
            "under load, and with connections killed, all that was promised is stored once, and nothing answers 500",
            "Each part may be right, and the whole wrong where one part's options never reach the other.",
            "connection-pool/3",
        ),
    }
    hints = (
        "Two names in a tuple. If it fails, the message says in which of the two to look.",
        "Check parts 1 to 3 first: each of them is judged alone there, on less data, with messages that are closer.",
        "`return import_orders, busy_app`: the functions themselves, without parentheses.",
    )
    afterword = (
        "The two never call each other. They meet in the database, under the same rule: an order is its code. So "
        "they may run at the same time, be broken off and be repeated, each as it likes."
    )
    another = """
def finished():
    async def chunk_by_chunk(engine, orders):
        stored = 0
        async with aclosing(in_chunks(orders, 2000)) as chunks:
            async for chunk in chunks:
                async def one_chunk(rows=chunk):
                    for row in rows:
                        yield row

                stored += await import_orders(engine, one_chunk())
                del chunk, one_chunk
        return stored

    return chunk_by_chunk, busy_app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Import while the service runs, break off, import again; then look, and then the storm."""
        async with lab.shop(0) as db, _Outside(db.url) as outside, _Outside(db.url) as other:
            await outside.make_tables()
            given = await lab.call(answer, returns=tuple, asynchronous=False, label="the two parts")
            import_orders, busy_app = given.value
            with _pools() as pools:
                app = await _app(busy_app, lab, db.url, 4, PATIENCE)
                async with _served(app) as client:
                    keys = dict.fromkeys(UnderLoad.requirements, "load")
                    storm = _Storm(lab, client, pools, outside, other, keys)
                    if not await self._imported(import_orders, lab, db, storm, client, outside):
                        return
                    wanted = _as_stored(map(_order, real_orders()))
                    await self._figures(lab, db, client, outside)
                    async with lab.case("all orders imported"):
                        if "figures" not in lab.broken and await storm.many(24):
                            await storm.killed_at_work(4)
                            await storm.killed_at_rest()
                        await storm.once(wanted)

    async def _imported(
        self, answer: Any, lab: Lab, db: Any, storm: _Storm, client: _Client, outside: _Outside
    ) -> bool:
        async def meanwhile() -> None:
            order = storm.new_order()
            answers = [await client.put(order), await client.ask("GET", "/dashboard?size=1")]
            bad = [each for each in answers if not 200 <= each.status < 300]
            if not bad:
                storm.stored.append(order)
            elif "together" not in lab.broken:
                lab.expect("together", False, f"a client was answered {bad[0]}")
            if bad:
                raise ConnectionError("enough is known")

        async with lab.case("broken off after 33,333 orders"):
            file = _WholeFile(hangs_up_at=33_333, meanwhile=meanwhile)
            call = await lab.call(answer, db.engine, file.source(), on=db, catch=ConnectionError)
            self._memory(lab, file, call)
            saw = f"the source broke off, and {call.value!r} was returned"
            lab.expect("imported", call.error or lab.broken, saw, call)
            if lab.broken:
                return False
            already = await outside.number("SELECT count(*) FROM purchases WHERE code LIKE 'cdnow%'")
        async with lab.case("once more, to the end"):
            file = _WholeFile(meanwhile=meanwhile)
            call = await lab.call(answer, db.engine, file.source(), on=db, returns=int)
            self._memory(lab, file, call)
            wanted = 69_659 - already
            saw = f"{call.value:,} stored anew, says the import; it were {wanted:,}"
            lab.expect("imported", call.value == wanted, saw, call)
        return not (lab.broken or lab.raised)

    def _memory(self, lab: Lab, file: _WholeFile, call: Call) -> None:
        lab.expect("memory", file.most <= ALIVE, f"{file.most:,} were alive at one time", call)

    async def _figures(self, lab: Lab, db: Any, client: _Client, outside: _Outside) -> None:
        """What the dashboard says against what the rows say, added up here."""
        rows = await outside.purchases()
        sums: dict[int, list[Any]] = {}
        for customer, day, _, cents in rows.values():
            each = sums.setdefault(customer, [0, 0, day])
            each[:] = each[0] + 1, each[1] + cents, max(each[2], day)
        names = ("orders", "cents", "last_ordered_on")
        customers = [
            {"id": key, "name": None, **dict(zip(names, each, strict=True))} for key, each in sums.items()
        ]
        wanted = _dashboard(customers, 10)
        call = await lab.call(client.ask, "GET", "/dashboard", on=db, label="the dashboard")
        body = call.value.body
        saw = str(call.value) if call.value.status != 200 else _told(body, wanted)
        lab.expect("figures", body == wanted, saw, call)
        saw = f"{counted(call.sent, 'statement')}, {call.rows:,} rows fetched"
        lab.expect("figures", call.sent <= 3 and call.rows <= 20, saw, call)


LESSON = Lesson(
    id="capstone",
    number="21",
    notebook="21_capstone",
    title="Capstone",
    promise="You will build an import and a service from a client's specification, and hold them under load.",
    minutes=25,
    exercise_minutes=160,
    objectives=(
        "turn a client's specification into what your code has to promise",
        "say what an import, a dashboard and a killed connection do if nobody takes care",
        "write an import that can be broken off and repeated",
        "build a service that answers truly, within a budget of statements",
        "hold it under load, with connections that die",
    ),
    exercises=(ImportOrders(), DashboardService(), UnderLoad(), Whole()),
    recall=(
        Question(
            "note-and-rows-again",
            "An import commits the rows of each chunk, and with them a note of how far it came. What is the note good for?",
            (
                Choice(
                    "After a failure the next call knows which rows are stored",
                    "Right, as rows and note are stored together or not at all. Or else each row must say for itself "
                    "whether it is there.",
                    True,
                ),
                Choice(
                    "It keeps two imports from storing a row twice at the same time",
                    "That is what a unique key does. The note tells where to go on.",
                ),
            ),
            "large-imports/2",
        ),
        Question(
            "pool-and-tasks",
            "A hundred tasks, each with a session of its own that reads; a pool of 5 and an overflow of 10. What happens?",
            (
                Choice(
                    "15 are at work, the others stand in line at the pool",
                    "Right, and after `pool_timeout` seconds they leave with an error.",
                    True,
                ),
                Choice("100 connections are opened", "The pool opens 15 at most."),
            ),
            "limits-and-cancellation/1",
        ),
    ),
    predictions=(
        Question(
            "how-many-were-new",
            "100 orders are sent with `ON CONFLICT DO NOTHING`, 40 of them are stored already. What does "
            "`result.rowcount` say?",
            (
                Choice("60 on both", ""),
                Choice("100 on both", ""),
                Choice("60 on SQLite, and on PostgreSQL no number at all", "", True),
            ),
            "capstone/1",
        ),
        Question(
            "too-long",
            "A code of 60 characters, and the column is a VARCHAR(40). What happens?",
            (
                Choice("Both refuse it", ""),
                Choice("Both cut it off", ""),
                Choice("SQLite stores it whole, PostgreSQL refuses it", "", True),
            ),
            "capstone/2",
        ),
        Question(
            "killed-request",
            "A connection is killed while its INSERT waits. What does the client read?",
            (
                Choice("Nothing: the service waits on", ""),
                Choice("503: come again", ""),
                Choice("500: Internal Server Error", "", True),
            ),
            "capstone/3",
        ),
    ),
    quiz=(
        Question(
            "no-answer",
            "A client sent an order, and the connection broke before an answer came. What may it do?",
            (
                Choice(
                    "Send it again under the same code",
                    "Right: if it was stored, nothing happens, and if not, it is stored now.",
                    True,
                ),
                Choice(
                    "Send it again under a new code",
                    "If the first one was stored, there are two orders now.",
                ),
                Choice(
                    "Nothing: the transaction was rolled back, so the order is lost",
                    "If the commit came before the break, it is stored. The client cannot know.",
                ),
            ),
            "capstone/3",
        ),
        Question(
            "import-while-open",
            "The import holds one transaction from the first order to the last. What does the shop notice, on SQLite?",
            (
                Choice(
                    "Nothing: readers and writers do not disturb one another",
                    "Readers go on. There is one writer at a time.",
                ),
                Choice(
                    "No order can be stored until the import has ended",
                    "Right: the import is the one writer, and the others wait, five seconds by default.",
                    True,
                ),
                Choice(
                    "It sees half of the import",
                    "What is not committed nobody else sees.",
                ),
            ),
            "capstone/1",
        ),
        Question(
            "dead-in-the-pool",
            "The server was restarted; three dead connections lie in the pool. `pool_pre_ping` is on. Who notices?",
            (
                Choice(
                    "Three requests, which fail",
                    "Without the look the first one fails, and then the pool throws away the others.",
                ),
                Choice(
                    "Nobody: each is tried before it is given out, and replaced",
                    "Right. A request whose connection dies in the middle of its work is another matter.",
                    True,
                ),
                Choice(
                    "Nobody: the request is sent again",
                    "Nothing is sent again. The look comes before the request's first statement.",
                ),
            ),
            "connection-pool/3",
        ),
    ),
    cheat=(
        "insert(Model).on_conflict_do_nothing().returning(Model.key)",
        "make_app(url, pool_size=n, max_overflow=0, pool_timeout=s, pool_pre_ping=True)",
        "error.connection_invalidated",
    ),
    terms={
        "idempotent": "done twice, it has the effect of once",
        "code": "the name that a client gives an order, so that it may send it again",
        "statement budget": "how many statements an answer may cost, however much data there is",
        "Retry-After": "the header that asks a client to come again, and when",
    },
)

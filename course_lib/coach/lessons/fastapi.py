"""Lesson 18: an application's engine, when a request is committed, how it says no, and how it is tested."""

# FastAPI reads the annotations of endpoints made inside a function: no `from __future__ import annotations`.
# It is imported where it is needed: every notebook imports this module, and few need a web framework.
import asyncio
import inspect
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Pool, event, func, insert, select, text, update

from course_lib.coach.describe import error_text
from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, NotAttempted, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine
from course_lib.shop import Order, OrderLine, Product, Tag, User, user_tags

NOBODY = 99_999_999
TOO_LARGE = (2**31, 99_999_999_999, 10**30)
"""PostgreSQL refuses what is beyond 31 bits, by one or by far; SQLite's driver, what is beyond 63."""
DATABASES_WORDS = ("unique constraint", "constraint failed", "INSERT INTO", "[SQL", "uq_users", "Traceback")


@dataclass
class Reply:
    """What an application answered, and what was seen meanwhile.

    status: 0 if there was no answer. body: JSON, decoded, or text. error: what came out of the application.
    seen: what `look` gave at the moment when the answer left.
    """

    status: int = 0
    body: Any = None
    error: BaseException | None = None
    seen: Any = None

    @property
    def told(self) -> str:
        """The status, and the error behind it."""
        status = f"the answer {self.status}" if self.status else "no answer"
        if self.error is None:
            return status
        said = " ".join(error_text(self.error).partition("[SQL")[0].split())
        return f"{status} ({said[:200]})"


async def ask(
    app: Any,
    method: str,
    path: str,
    body: Any = None,
    *,
    state: dict[str, Any] | None = None,
    look: Callable[[], Awaitable[Any]] | None = None,
) -> Reply:
    """Send one request to an ASGI application, and wait until it has done everything.

    look: awaited when the answer begins to leave. https://asgi.readthedocs.io/en/latest/specs/www.html
    """
    data = b"" if body is None else json.dumps(body).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"shop"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("shop", 80),
        "state": dict(state or {}),
    }
    reply, parts = Reply(), [b""]
    unread = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not unread:
            await asyncio.Event().wait()  # the client stays
        return unread.pop()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.seen = await look() if look else None
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    try:
        await app(scope, receive, send)
    except Exception as error:
        reply.error = error
    answer = b"".join(parts).decode("utf-8", "replace")
    try:
        reply.body = json.loads(answer)
    except ValueError:
        reply.body = answer
    return reply


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Run an application's lifespan around a block, and give the state for its requests.

    What the lifespan raises comes out. https://asgi.readthedocs.io/en/latest/specs/lifespan.html
    """
    state: dict[str, Any] = {}
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    life = asyncio.create_task(app(scope, inbox.get, told.put))

    async def goes_well(message: str) -> None:
        await inbox.put({"type": message})
        answer = asyncio.create_task(told.get())
        await asyncio.wait([answer, life], return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            await life
        elif not answer.result()["type"].endswith("complete"):
            await life

    await goes_well("lifespan.startup")
    try:
        yield state
    finally:
        await goes_well("lifespan.shutdown")
        await life


async def made(answer: Any, lab: Lab, given: Any) -> Call:
    """Let the answer make its application."""
    from fastapi import FastAPI

    return await lab.call(answer, given, returns=FastAPI, asynchronous=False, label="making the application")


def _count(model: Any, *where: Any) -> Any:
    return select(func.count()).select_from(model).where(*where)


class Receipt(Exercise):
    """Commit before the answer, and nothing where the answer is no."""

    id = "fastapi/receipt"
    title = "The receipt"
    defines = "sales_app"
    minutes = 8
    achieved = "have a request committed before its answer leaves"
    users = (7,)
    requirements = {
        "sold": Requirement(
            "a sale is answered 201 with the order's id; order and stock are stored",
            "A session that nobody commits stores nothing. An id is there after the flush.",
            "fastapi/2",
        ),
        "stored": Requirement(
            "when the 201 leaves the application, another connection reads the order and the new stock",
            'By default a dependency goes on after its `yield` when the answer is out. `scope="function"` has '
            "it end before. A background task comes after the answer in any case.",
            "fastapi/2",
        ),
        "refused": Requirement(
            "without a copy left the answer is 409, for an unknown user 404",
            "A refusal is an `HTTPException` with the status that says what is wrong.",
            "fastapi/3",
        ),
        "no-trace": Requirement(
            "a request that is refused leaves orders and stock as they were",
            "What was written before the refusal goes back only with the transaction: by an exception that "
            "passes through it, and if nobody has committed on the way.",
            "fastapi/2",
        ),
        "given-back": Requirement(
            "after every answer all connections are back in the pool",
            "A session that has worked holds its connection until it is closed, also after an error.",
            "sessions/5",
        ),
    }
    hints = (
        "What do `finally` and `commit` do together when the endpoint raises?",
        "The dependency of step 2 is three lines, and rolls back by itself. The other half is when it ends.",
        "`async with sessions.begin() as session: yield session`, and for the parameter "
        '`Annotated[AsyncSession, Depends(get_session, scope="function")]`.',
    )
    afterword = (
        "`sessions.begin()` commits when the block ends well, rolls back when the endpoint raised, and closes "
        'either way. `scope="function"` ends it before the answer is sent. The endpoint stays as it was: a '
        "refusal after a write is no harm as long as it is raised."
    )
    another = """
def sales_app(sessions):
    app = FastAPI()

    class Sale(BaseModel):
        user_id: int
        product_id: int

    @app.post("/orders", status_code=201)
    async def sell(sale: Sale) -> dict[str, int]:
        async with sessions.begin() as session:
            product = await session.get(Product, sale.product_id, with_for_update=True)
            if product is None or product.stock < 1:
                raise HTTPException(409, "There is no copy left.")
            if await session.get(User, sale.user_id) is None:
                raise HTTPException(404, "There is no such user.")
            product.stock -= 1
            order = Order(user_id=sale.user_id, ordered_on=date.today(), cds=1, cents=product.cents)
            session.add(order)
        return {"id": order.id}  # behind the block, so behind the commit

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """One sale, one too many, one for nobody, and one more; the database is read as each answer leaves."""
        async with lab.shop(7) as db:
            async with db.sessions.begin() as session:
                await session.execute(update(Product).where(Product.id == 5).values(stock=2))
                cents = await session.scalar(select(Product.cents).where(Product.id == 5))
                orders = await session.scalar(_count(Order))

            async def look() -> tuple[Any, Any]:
                async with db.engine.connect() as connection:
                    stock = await connection.scalar(select(Product.stock).where(Product.id == 5))
                    return await connection.scalar(_count(Order)), stock

            app = (await made(answer, lab, db.sessions)).value
            cases = (
                ("the first sale", 3, 201, (orders + 1, 1)),
                ("an unknown user", NOBODY, 404, (orders + 1, 1)),
                ("the last copy", 4, 201, (orders + 2, 0)),
                ("no copy left", 3, 409, (orders + 2, 0)),
            )
            for label, user_id, status, wanted in cases:
                before = await look()
                body = {"user_id": user_id, "product_id": 5}
                with connections(db.engine) as pool:
                    call = await lab.call(
                        ask, app, "POST", "/orders", body, keywords={"look": look}, on=db, label=label
                    )
                after, reply = await look(), call.value
                kept = pool.out + pool.lost
                lab.expect(
                    "given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call
                )
                if status == 201:
                    ok = lab.expect("sold", reply.status == 201, reply.told, call)
                    ok = ok and await self._stored(lab, db, reply, user_id, cents, call)
                    ok = ok and lab.expect("sold", after == wanted, _stand(before, after), call)
                    ok = ok and lab.expect(
                        "stored",
                        reply.seen == wanted,
                        "when the check looked (the last two SELECTs), it was not stored yet",
                        call,
                    )
                else:
                    ok = lab.expect(
                        "refused", reply.status == status, f"{reply.told} instead of {status}", call
                    )
                    ok = ok and lab.expect("no-trace", after == before, _stand(before, after), call)
                if not ok or kept:  # the other cases would start from another stock, or wait for a lock
                    return

    async def _stored(self, lab: Lab, db: Any, reply: Reply, user_id: int, cents: Any, call: Call) -> bool:
        key = reply.body.get("id") if isinstance(reply.body, dict) else None
        if not lab.expect("sold", type(key) is int, f"the body {reply.body!r}", call):
            return False
        async with db.sessions() as session:
            order = await session.get(Order, key)
        if not lab.expect("sold", order is not None, "no such order is stored", call):
            return False
        seen = (order.user_id, order.cds, order.cents)
        saw = f"an order with (user_id, cds, cents) {seen} instead of {(user_id, 1, cents)}"
        return lab.expect("sold", seen == (user_id, 1, cents), saw, call)


def _stand(before: tuple[Any, Any], after: tuple[Any, Any]) -> str:
    return f"{after[0] - before[0]:+} orders, and the stock went from {before[1]} to {after[1]}"


class SignUp(Exercise):
    """Tell the refusals of the database from one another, and answer each as what it is."""

    id = "fastapi/sign-up"
    title = "Sign up"
    defines = "sign_up_app"
    minutes = 12
    achieved = "turn what the database refuses into the right answer, races included"
    users = (7,)
    requirements = {
        "created": Requirement(
            "a new user is answered 201 with the id, and is stored with the tags",
            "What is not committed is not stored; what has no key was not flushed.",
            "fastapi/2",
        ),
        "taken": Requirement(
            "an e-mail address that is taken is answered 409",
            "A broken unique rule is an `IntegrityError`. Nobody has to fail for it with a 500.",
            "fastapi/3",
        ),
        "unknown-tag": Requirement(
            "a tag that does not exist is answered 422",
            "An unknown tag is no conflict, and nothing to leave out in silence. `broken_rule` tells a foreign key "
            "from a duplicate.",
            "fastapi/3",
        ),
        "twice": Requirement(
            "a tag that is named twice counts once",
            "The pair of user and tag is unique as well: not every duplicate is an e-mail address.",
            "fastapi/3",
        ),
        "race": Requirement(
            "the answer is 409 also when somebody else takes the address between a look and the insert",
            "A SELECT sees what was committed before it. Only the INSERT finds out for certain.",
            "bulk-inserts/5",
        ),
        "nothing": Requirement(
            "a refused request stores nothing",
            "What was committed before the refusal stays. One transaction, one commit, at the end.",
            "fastapi/2",
        ),
        "secret": Requirement(
            "no answer repeats what the database said",
            "An error text names tables and rules, and may hold other people's data. It belongs in the log.",
            "fastapi/3",
        ),
        "given-back": Requirement(
            "after every answer all connections are back in the pool",
            "A session that has worked holds its connection until it is closed, also after an error.",
            "sessions/5",
        ),
    }
    hints = (
        "Three kinds of rows are written. Which rule of the database does each of the refusals break?",
        "Flush the user first: what fails there is the address. Then the tags, each once: `sorted(set(...))`.",
        "One `add_exception_handler(IntegrityError, ...)` with `broken_rule(error)`: unique is 409, foreign key "
        "is 422. Add the tags with `insert(user_tags)` and a list of rows, if there are any.",
    )
    afterword = (
        "Nobody looks first. The insert is refused, the error passes through the session's block, which rolls "
        "everything back, and one handler turns it into an answer. It reads the code of the error and gives a "
        "sentence of its own. Tags named twice are one tag before they reach the database."
    )
    another = """
def sign_up_app(sessions):
    app = FastAPI()

    class Form(BaseModel):
        name: str
        email: str
        country: str
        tags: list[int]

    @app.post("/users", status_code=201)
    async def sign_up(form: Form) -> dict[str, int]:
        async with sessions() as session:
            tags = (await session.scalars(select(Tag).where(Tag.id.in_(form.tags)))).all()
            if len(tags) < len(set(form.tags)):
                raise HTTPException(422, "There is no such tag.")
            user = User(name=form.name, email=form.email, country=form.country, tags=list(tags))
            session.add(user)
            try:
                await session.commit()
            except IntegrityError:
                raise HTTPException(409, "This address is taken.") from None
            return {"id": user.id}

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """New users, refused ones, and on PostgreSQL one who comes a moment too late."""
        async with lab.shop(7) as db:
            async with db.sessions() as session:
                tags = list(await session.scalars(select(Tag.id).order_by(Tag.id).limit(2)))
                taken = await session.scalar(select(User.email).order_by(User.id).limit(1))
            app = (await made(answer, lab, db.sessions)).value
            cases: tuple[tuple[str, str, int, Any, list[int]], ...] = (
                ("a new user", "created", 201, "nora@example.org", tags),
                ("a new user without tags", "created", 201, "nils@example.org", []),
                ("an address that is taken", "taken", 409, taken, tags),
                ("an unknown tag", "unknown-tag", 422, "olga@example.org", [*tags, NOBODY]),
                ("a tag twice", "twice", 201, "otto@example.org", [*tags, tags[0]]),
            )
            for case in cases:
                await self._one(lab, db, app, *case)
                if {"created", "given-back"} & lab.broken.keys():  # the others would fail for the same reason
                    return
            if lab.backend == "postgresql" and "taken" not in lab.broken:
                await self._race(lab, db, app)

    async def _one(
        self, lab: Lab, db: Any, app: Any, label: str, key: str, status: int, email: Any, tags: list[int]
    ) -> None:
        before = await self._stand(db)
        with connections(db.engine) as pool:
            call = await lab.call(ask, app, "POST", "/users", _form(email, tags), on=db, label=label)
        reply, after = call.value, await self._stand(db)
        kept = pool.out + pool.lost
        lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call)
        if not lab.expect(key, reply.status == status, f"{reply.told} instead of {status}", call):
            return
        if status == 201:
            user_id = reply.body.get("id") if isinstance(reply.body, dict) else None
            if lab.expect(key, type(user_id) is int, f"the body {reply.body!r}", call):
                async with db.sessions() as session:
                    stored = await session.scalar(select(User.email).where(User.id == user_id))
                    linked = select(user_tags.c.tag_id).where(user_tags.c.user_id == user_id)
                    own = sorted(await session.scalars(linked.order_by(user_tags.c.tag_id)))
                if lab.expect(key, stored == email, f"under this id {stored!r} is stored", call):
                    lab.same(key, own, sorted(set(tags)), call)
        else:
            saw = f"{after[0] - before[0]:+} users and {after[1] - before[1]:+} of their tags"
            lab.expect("nothing", after == before, saw, call)
            self._secret(lab, reply, call)

    def _secret(self, lab: Lab, reply: Reply, call: Call) -> None:
        said = [words for words in DATABASES_WORDS if words.lower() in json.dumps(reply.body).lower()]
        lab.expect("secret", not said, f"the answer holds {' and '.join(map(repr, said))}", call)

    async def _stand(self, db: Any) -> tuple[int, int]:
        async with db.engine.connect() as connection:
            links = select(func.count()).select_from(user_tags)
            return (await connection.scalar(_count(User))), (await connection.scalar(links))

    async def _race(self, lab: Lab, db: Any, app: Any) -> None:
        """Somebody has inserted the same address and not committed: unseen by a SELECT, in the way of an
        INSERT. As soon as the answer waits for it, it is committed."""
        row = {"name": "Quick", "email": "quick@example.org", "country": "NL"}
        waits = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        engine = make_engine(db.url)  # of its own: what the check sends is not the answer's
        async with engine.connect() as quicker, engine.connect() as server:
            await quicker.execute(insert(User).values(row))
            asked = lab.call(
                ask, app, "POST", "/users", _form("quick@example.org", []), on=db, label="a moment too late"
            )
            asking = asyncio.create_task(_caught(asked))
            while not asking.done() and not await server.scalar(waits):
                await server.rollback()
                await asyncio.sleep(0.002)
            await quicker.commit()
            call = await asking
        await engine.dispose()
        if isinstance(call, Exception):
            raise call
        reply = call.value
        if lab.expect("race", reply.status == 409, f"{reply.told} instead of 409", call):
            self._secret(lab, reply, call)


async def _caught(asked: Awaitable[Any]) -> Any:
    try:
        return await asked
    except Exception as error:
        return error


def _form(email: Any, tags: list[int]) -> dict[str, Any]:
    return {"name": "Zoë", "email": email, "country": "NL", "tags": tags}


class UsersPage(Exercise):
    """One engine for the application, three statements for a page, and nothing on it that is private."""

    id = "fastapi/users-page"
    title = "The user's page"
    defines = "page_app"
    minutes = 12
    achieved = "give an application its engine, and a page what it needs and no more"
    users = (7,)
    requirements = {
        "page": Requirement(
            "the page holds the user, the orders by id, and their lines by id; a visitor has no orders",
            "An answer is made of what was loaded. A lazy load in a response model cannot wait: it fails. An inner "
            "join loses who has no orders.",
            "fastapi/4",
        ),
        "private": Requirement(
            "the page holds nothing else",
            "An object without a response model gives every column that is loaded.",
            "fastapi/4",
        ),
        "unknown": Requirement(
            "an unknown user is answered 404",
            "`session.get` gives None for an id that is not there, and None has no orders.",
            "fastapi/3",
        ),
        "large": Requirement(
            "a number too large for an id is answered 404 or 422",
            "A Python integer has no end; the column has. Path parameters can have bounds.",
            "fastapi/3",
        ),
        "statements": Requirement(
            "a page takes at most three statements",
            "`awaitable_attrs` in a loop is one statement for each order. A loader option takes one for all.",
            "lazy-loading/4",
        ),
        "one-pool": Requirement(
            "requests that come one after the other open one connection in all",
            "An engine for each request is a pool for each request: it opens a connection every time.",
            "fastapi/1",
        ),
        "given-back": Requirement(
            "after every answer the connection is back in the pool",
            "A session that has read holds its connection until it is closed.",
            "sessions/5",
        ),
        "disposed": Requirement(
            "when the application has ended, all its connections are closed",
            "A pool keeps its connections open until `dispose()` is awaited. That is what the end of the lifespan "
            "is for.",
            "fastapi/1",
        ),
    }
    hints = (
        "How many engines does the colleague's application make in a day, and who ends them?",
        "A lifespan as in step 1. A response model for each level. A loader that goes on: "
        "`selectinload(User.orders).selectinload(Order.lines)`.",
        "`session.get(User, user_id, options=[...])`, None is a 404, then `Page.model_validate(user)`. The id: "
        "`Annotated[int, Path(ge=1, le=2**31 - 1)]`.",
    )
    afterword = (
        "The lifespan makes the engine and disposes of it. The endpoint loads what the models name, in one "
        "statement for each level, and the models decide what leaves. The bound on the id makes a number that "
        "does not fit the caller's mistake, before it is the database's."
    )
    another = """
def page_app(url):
    @asynccontextmanager
    async def lifespan(app):
        app.state.engine = make_engine(url)
        yield
        await app.state.engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/users/{user_id}")
    async def page(user_id: int) -> dict[str, Any]:
        columns = (User.name, Order.id, Order.cents, OrderLine.product_id, OrderLine.quantity)
        query = select(*columns).select_from(User).outerjoin(User.orders).outerjoin(Order.lines)
        rows = []
        if user_id < 2**31:
            async with app.state.engine.connect() as connection:
                query = query.where(User.id == user_id).order_by(Order.id, OrderLine.id)
                rows = (await connection.execute(query)).all()
        if not rows:
            raise HTTPException(404, "There is no such user.")
        orders = {}
        for _, order_id, cents, product_id, quantity in rows:
            if order_id is not None:
                order = orders.setdefault(order_id, {"id": order_id, "cents": cents, "lines": []})
                if product_id is not None:
                    order["lines"].append({"product_id": product_id, "quantity": quantity})
        return {"id": user_id, "name": rows[0].name, "orders": list(orders.values())}

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """All users of a shop, two who are not there, in one life of the application."""
        async with lab.shop(7) as db:
            async with db.sessions.begin() as session:
                await session.execute(insert(Order).values(_empty_order(3)))
            await no_luck_with_order(db, Order, OrderLine)
            pages = await _pages(db)
            call = await made(answer, lab, db.url)
            app = call.value
            with _pools() as pools:
                async with running(app) as state:
                    for user_id, wanted in pages.items():
                        await self._page(lab, db, app, state, pools, user_id, wanted)
                        if "given-back" in lab.broken:  # the next would need another connection
                            return
                    unknown = (
                        (NOBODY, "unknown", (404,)),
                        *((id_, "large", (404, 422)) for id_ in TOO_LARGE),
                    )
                    for number, key, statuses in unknown:
                        call = await self._get(lab, db, app, state, pools, number, f"user {number}")
                        reply = call.value
                        lab.expect(key, reply.status in statuses, f"{reply.told} for user {number}", call)
                    label = f"{len(pages) + 1 + len(TOO_LARGE)} requests"
                    opened = counted(pools.opened, "connection")
                    lab.expect("one-pool", pools.opened <= 1, f"{opened} opened ({label})", call)
                left = counted(pools.opened - pools.closed, "connection")
                if "one-pool" not in lab.broken:
                    lab.expect("disposed", pools.opened <= pools.closed, f"{left} still open after the end")

    async def _get(
        self, lab: Lab, db: Any, app: Any, state: Any, pools: "_Pools", user_id: int, label: str
    ) -> Call:
        before = pools.kept
        call = await lab.call(
            ask, app, "GET", f"/users/{user_id}", keywords={"state": state}, on=db, label=label
        )
        kept = pools.kept - before
        lab.expect("given-back", kept <= 0, f"{counted(kept, 'connection')} not back in the pool", call)
        return call

    async def _page(
        self, lab: Lab, db: Any, app: Any, state: Any, pools: "_Pools", user_id: int, wanted: Any
    ) -> None:
        label = f"the page of a user with {counted(len(wanted['orders']), 'order')}"
        call = await self._get(lab, db, app, state, pools, user_id, label)
        reply = call.value
        if not lab.expect("page", reply.status == 200, reply.told, call):
            return
        more = _more_than(reply.body, wanted)
        lab.expect("private", not more, f"it holds {', '.join(map(repr, more))}", call)
        lab.same("page", _only(reply.body, wanted), wanted, call)
        lab.expect("statements", call.sent <= 3, counted(call.sent, "statement"), call)


def _empty_order(user_id: int) -> dict[str, Any]:
    from datetime import date

    return {"user_id": user_id, "ordered_on": date(1998, 7, 1), "cds": 0, "cents": 0}


async def _pages(db: Any) -> dict[int, Any]:
    """The page of every user, as it should be."""
    async with db.engine.connect() as connection:
        lines = defaultdict(list)
        query = select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity).order_by(OrderLine.id)
        for order_id, product_id, quantity in await connection.execute(query):
            lines[order_id].append({"product_id": product_id, "quantity": quantity})
        orders = defaultdict(list)
        for key, user_id, cents in await connection.execute(
            select(Order.id, Order.user_id, Order.cents).order_by(Order.id)
        ):
            orders[user_id].append({"id": key, "cents": cents, "lines": lines[key]})
        users = await connection.execute(select(User.id, User.name).order_by(User.id))
        return {key: {"id": key, "name": name, "orders": orders[key]} for key, name in users}


def _only(seen: Any, wanted: Any) -> Any:
    """What was seen, without the names that nobody asked for."""
    if isinstance(seen, dict) and isinstance(wanted, dict):
        return {name: _only(value, wanted[name]) for name, value in seen.items() if name in wanted}
    if isinstance(seen, list) and isinstance(wanted, list) and wanted:
        return [
            _only(each, wanted[0]) if number >= len(wanted) else _only(each, wanted[number])
            for number, each in enumerate(seen)
        ]
    return seen


def _more_than(seen: Any, wanted: Any) -> list[str]:
    """Names in the answer that nobody asked for, sorted."""
    found: set[str] = set()
    if isinstance(seen, dict) and isinstance(wanted, dict):
        found |= {str(name) for name in seen.keys() - wanted.keys()}
        for name in seen.keys() & wanted.keys():
            found |= set(_more_than(seen[name], wanted[name]))
    elif isinstance(seen, list) and isinstance(wanted, list):
        for each, like in zip(seen, wanted, strict=False):
            found |= set(_more_than(each, like))
    return sorted(found)


class _Pools:
    """What the pools of all engines do while nobody uses the check's own.

    kept: how many connections are out, or were found by the garbage collector.
    """

    def __init__(self) -> None:
        self.opened = self.closed = self.lost = 0
        self._out: dict[int, Any] = {}

    @property
    def kept(self) -> int:
        return len(self._out) + self.lost

    def on_connect(self, *_: Any) -> None:
        self.opened += 1

    def on_close(self, *_: Any) -> None:
        self.closed += 1

    def on_checkout(self, dbapi_connection: Any, record: Any, proxy: Any) -> None:
        self._out[id(record)] = record

    def on_checkin(self, dbapi_connection: Any, record: Any) -> None:
        self._out.pop(id(record), None)

    def on_reset(self, dbapi_connection: Any, record: Any, state: Any) -> None:
        # Only the garbage collector resets where nothing can be awaited.
        if not state.asyncio_safe and self._out.pop(id(record), None) is not None:
            self.lost += 1


@contextmanager
def _pools() -> Iterator[_Pools]:
    pools = _Pools()
    names = ("connect", "close", "checkout", "checkin", "reset")
    for name in names:
        event.listen(Pool, name, getattr(pools, f"on_{name}"))
    yield pools  # the process of an answer ends with its check, and the listeners with it


class ClientForTests(Exercise):
    """A client for tests: the application as in production, on a transaction that is rolled back."""

    id = "fastapi/test-client"
    title = "A client for tests"
    defines = "client_for"
    core = False
    minutes = 10
    achieved = "test an application on a real database without leaving a trace"
    users = (7,)
    requirements = {
        "committed": Requirement(
            "what one request has committed, the next one reads, through `RequestSession` and through `Sessions`",
            "Both get their sessions from `get_sessions`. Who overrides something else leaves one of them without.",
            "fastapi/5",
        ),
        "refused": Requirement(
            "a refused request is answered as in production, and leaves the others as they are",
            "One session for all requests, or one without a savepoint of its own: what one of them breaks, all have "
            "broken.",
            "fastapi/5",
        ),
        "error": Requirement(
            "an error that nobody handles is the answer 500",
            "`ASGITransport` lets an application's error out to the test, unless it is told not to.",
            "fastapi/5",
        ),
        "lifespan": Requirement(
            "the application's lifespan is not run",
            "It would make an engine on the real database. The test brings its own.",
            "fastapi/5",
        ),
        "raises": Requirement(
            "what the block raises comes out of it",
            "A test fails by an exception. Whoever keeps it makes every test green.",
            "limits-and-cancellation/4",
        ),
        "no-trace": Requirement(
            "afterwards the database is as it was, also when the block raises",
            "A commit is for good, unless it takes place inside an outer transaction.",
            "unit-of-work-and-testing/4",
        ),
        "given-back": Requirement(
            "afterwards every connection is back in the pool, and the engine goes on with it, also when the block "
            "raises",
            "The engine belongs to the caller: `dispose()` takes everybody's pool. A connection that nobody closes "
            "stays out.",
            "engine/2",
        ),
        "overrides": Requirement(
            "afterwards the application's overrides are what they were, also when the block raises",
            "`clear()` takes away what others have overridden, and `pop` what was overridden before.",
            "fastapi/5",
        ),
    }
    hints = (
        "Two blocks around the client: one for the database, one for the override.",
        "`rolled_back(engine)` gives a factory. `dict(app.dependency_overrides)` remembers what was there.",
        "In a `try`: set the override, `transport = httpx.ASGITransport(app, raise_app_exceptions=False)`, `async "
        "with httpx.AsyncClient(...) as client: yield client`. In the `finally`: `clear()` and `update(before)`.",
    )
    afterword = (
        "`rolled_back` holds one connection in one transaction; the application gets a factory whose commits are "
        "savepoints. The override is the factory, so session, commit and error handling are the application's own. "
        "`try` and `finally` put back what was overridden before."
    )
    another = """
from contextlib import AsyncExitStack


@asynccontextmanager
async def client_for(app, engine):
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(engine.connect())
        await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        before, app.dependency_overrides = app.dependency_overrides, dict(app.dependency_overrides)
        stack.callback(setattr, app, "dependency_overrides", before)
        app.dependency_overrides[web.get_sessions] = lambda: sessions
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://shop")
        yield await stack.enter_async_context(client)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Use the client as a test would; once more with a block that raises, and overrides of others."""
        from course_lib.patterns import web

        async with lab.shop(7) as db:
            for label, raises in (("a test that passes", False), ("a test that raises", True)):
                app, lives = _tags_app()
                others = {web.refuse_broken_rule: lambda: None} | (
                    {web.get_sessions: _nothing} if raises else {}
                )
                app.dependency_overrides.update(others)
                before, pool_before = await self._tags(db), db.engine.pool
                with connections(db.engine) as pool:
                    call = await lab.call(
                        self._use, answer, app, db.engine, raises, on=db, catch=_TestFailed, label=label
                    )
                if raises:
                    lab.expect("raises", call.error is not None, "nobody heard of it", call)
                else:
                    self._judge(lab, call.value, call)
                kept = pool.out + pool.lost
                kind = f"{counted(kept, 'connection')} not back in the pool" if kept else "it was disposed of"
                same = db.engine.pool is pool_before
                lab.expect("given-back", not kept and same, kind, call)
                more = await self._tags(db) - before
                lab.expect("no-trace", not more, f"{counted(more, 'row')} left in the database", call)
                now = app.dependency_overrides
                lab.expect("overrides", now == others, _difference(now, others), call)
                lab.expect("lifespan", not lives, "it was run", call)

    def _judge(self, lab: Lab, seen: dict[str, Any], call: Call) -> None:
        for first, key, names in (
            ("add", "committed", ("through RequestSession", "through Sessions")),
            ("again", "refused", ("the request after the refused one", "there still")),
        ):
            wanted = {"add": 201, "again": 409}[first]
            what = {"add": "a new tag", "again": "the same tag again"}[first]
            ok = lab.expect(
                key, seen[first] == wanted, f"{seen[first]} for {what}, instead of {wanted}", call
            )
            for name in names:
                found = seen[name]
                saw = f"{name}: the answer {found}, and (200, True) says that the tag is there"
                ok = ok and lab.expect(key, found == (200, True), saw, call)
            if not ok:
                return
        lab.expect("error", seen["broken"] == 500, f"{seen['broken']}", call)

    async def _tags(self, db: Any) -> int:
        async with db.engine.connect() as connection:
            return (await connection.scalar(_count(Tag))) or 0

    async def _use(self, answer: Any, app: Any, engine: Any, raises: bool) -> Any:
        manager = answer(app, engine)
        if inspect.iscoroutine(unwritten := getattr(manager, "gen", None)):  # a function without a `yield`
            if isinstance(value := await unwritten, NotAttempted):
                return value
            raise TypeError("client_for has no `yield`, so there is nothing that `async with` could give")
        async with manager as client:
            if raises:
                await client.post("/tags/skiffle")
                raise _TestFailed

            async def there(path: str) -> tuple[int, Any]:
                reply = await client.get(path)
                return reply.status_code, reply.json() if reply.status_code == 200 else None

            seen: dict[str, Any] = {"add": await _status(client.post("/tags/skiffle"))}
            seen["through RequestSession"] = await _either(there("/tags/skiffle"))
            seen["through Sessions"] = await _either(there("/counted/skiffle"))
            seen["again"] = await _status(client.post("/tags/skiffle"))
            seen["the request after the refused one"] = await _either(there("/tags/skiffle"))
            seen["there still"] = await _either(there("/counted/skiffle"))
            seen["broken"] = await _status(client.get("/broken"))
            return seen


class _TestFailed(Exception):
    """What the block raises."""


def _nothing() -> None:
    """An override that was there before."""


async def _either(asked: Awaitable[Any]) -> Any:
    """What came of it, or the name of what it raised."""
    try:
        return await asked
    except Exception as error:
        return f"the test got {type(error).__name__}"


async def _status(asked: Awaitable[Any]) -> Any:
    reply = await _either(asked)
    return getattr(reply, "status_code", reply)


def _difference(now: Any, before: Any) -> str:
    missing, more = before.keys() - now.keys(), now.keys() - before.keys()
    kind = ("one is gone" if missing else "one is left") if missing or more else "one is another"
    return f"{kind}: {len(before)} before, {len(now)} afterwards"


def _tags_app() -> tuple[Any, list[str]]:
    """An application on `patterns.web`, and a list that is told when its lifespan is run."""
    from fastapi import FastAPI
    from sqlalchemy.exc import IntegrityError

    from course_lib.patterns import web

    lives: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        lives.append("run")
        yield {"sessions": None}

    app = FastAPI(lifespan=lifespan)
    app.add_exception_handler(IntegrityError, web.refuse_broken_rule)

    @app.post("/tags/{name}", status_code=201)
    async def add(name: str, session: web.RequestSession) -> None:
        session.add(Tag(name=name))

    @app.get("/tags/{name}")
    async def there(name: str, session: web.RequestSession) -> bool:
        return bool(await session.scalar(_count(Tag, Tag.name == name)))

    @app.get("/counted/{name}")
    async def counted_by_itself(name: str, sessions: web.Sessions) -> bool:
        async with sessions() as own:
            return bool(await own.scalar(_count(Tag, Tag.name == name)))

    @app.get("/broken")
    async def broken(session: web.RequestSession) -> None:
        raise LookupError("a mistake of the application")

    return app, lives


LESSON = Lesson(
    id="fastapi",
    number="18",
    notebook="18_fastapi",
    title="FastAPI",
    promise='A web application whose "yes" is true, whose "no" says why, and whose tests leave nothing behind.',
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "give an application its engine, and take it back",
        "say when a request is committed, and choose it",
        "answer 404, 409 and 422 where others answer 500",
        "turn objects into answers without a lazy load",
        "test the application without its database noticing",
    ),
    exercises=(Receipt(), SignUp(), UsersPage(), ClientForTests()),
    recall=(
        Question(
            "cancelled-clean-up",
            "A task is cancelled in the middle of its work. Which of these sees it?",
            (
                Choice("`except BaseException`", "Right, and so does `finally`.", True),
                Choice("`except Exception`", "`CancelledError` is no `Exception`."),
            ),
            "limits-and-cancellation/4",
        ),
        Question(
            "lazy-in-plain-code",
            "A plain function is given a user, and touches `user.orders`, which is not loaded. What happens?",
            (
                Choice(
                    "MissingGreenlet",
                    "Right: plain code cannot await, and the orders are a query away.",
                    True,
                ),
                Choice("The orders are loaded, and the loop stands still", "It never waits. It raises."),
                Choice("An empty list", "Not loaded is not empty, and SQLAlchemy knows the difference."),
            ),
            "lazy-loading/1",
        ),
    ),
    predictions=(
        Question(
            "order-of-events",
            "A dependency commits behind its `yield`; the endpoint has a background task. In which order does it happen "
            "by default?",
            (
                Choice("commit, answer, task", ""),
                Choice("answer, commit, task", ""),
                Choice("answer, task, commit", "", True),
                Choice("commit, task, answer", ""),
            ),
            "fastapi/2",
        ),
        Question(
            "orders-in-the-answer",
            "The response model names the orders, the endpoint has loaded the user alone, and the session is still "
            "open. What does the client get?",
            (
                Choice("200, with the orders", ""),
                Choice("200, with an empty list of orders", ""),
                Choice("500", "", True),
            ),
            "fastapi/4",
        ),
        Question(
            "no-server",
            "A test calls the application through `ASGITransport`, without a server. What does its first request get?",
            (
                Choice("200: the lifespan has made an engine", ""),
                Choice("500, as from a server that lacks something", ""),
                Choice("An exception: nobody made an engine", "", True),
            ),
            "fastapi/5",
        ),
    ),
    quiz=(
        Question(
            "yes-too-early",
            "A partner gets 201 for an order and asks for it at once. Now and then the answer is 404. What is the cause?",
            (
                Choice(
                    "The commit comes after the answer",
                    'Right. `scope="function"` on the dependency puts it before.',
                    True,
                ),
                Choice(
                    "The partner's request goes to another worker",
                    "What is committed, every worker reads. It was not committed yet.",
                ),
                Choice(
                    "The session still holds old values",
                    "The second request has a session of its own. It asks the database, and the row is not there.",
                ),
            ),
            "fastapi/2",
        ),
        Question(
            "which-status",
            "A colleague answers every `IntegrityError` with 409. What is wrong with that?",
            (
                Choice(
                    "An order for an unknown user is told to be a conflict",
                    "Right: it breaks a foreign key, and no other request will ever make it fit.",
                    True,
                ),
                Choice(
                    "Duplicates are a matter of a SELECT before the INSERT",
                    "Between the two, another request may insert. Only the database knows for certain.",
                ),
                Choice(
                    "It should be 500, for the error came from the database",
                    "500 says that the server is broken. It works, and it has refused something.",
                ),
            ),
            "fastapi/3",
        ),
        Question(
            "green-tests",
            "All tests through `ASGITransport` are green. Which of these can they not show?",
            (
                Choice(
                    "That the answer leaves before the commit",
                    "Right: the transport waits until the application has done everything.",
                    True,
                ),
                Choice(
                    "That a duplicate is a 500",
                    "They can: the error even comes out as itself, unless you ask for the 500.",
                ),
                Choice(
                    "That a response model meets a lazy load",
                    "They can: the same plain code touches the same attribute.",
                ),
            ),
            "fastapi/5",
        ),
    ),
    cheat=(
        "app = FastAPI(lifespan=lifespan)",
        'Annotated[AsyncSession, Depends(get_session, scope="function")]',
        "app.add_exception_handler(IntegrityError, refuse)",
        "model_config = ConfigDict(from_attributes=True)",
        "app.dependency_overrides[get_sessions] = lambda: sessions",
    ),
    terms={
        "lifespan": "a context manager around all requests of an application",
        "dependency": "a function that FastAPI calls before an endpoint, and whose result becomes a parameter",
        "background task": "what FastAPI runs for a request once the answer is out",
        "response model": "a list of what may leave, with its types",
        "override": "another function in place of a dependency, for a test",
    },
)

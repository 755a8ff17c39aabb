"""Lesson 19: a web service that tells the truth about its commits, and its room on the server."""

import asyncio
import contextlib
import gc
from datetime import date
from typing import Any

from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.coach.luck import just_before
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine
from course_lib.shop import Order, User

PATIENCE = 3.0
"""Seconds after which the check goes on although no mail came. No right answer meets it."""
CUSTOMER = 3
NOBODY = 99_999_999
ZOE = {"name": "Zoé", "email": "zoe@example.com", "country": "NL"}


class _Server:
    """The reader's application, asked as by a client; what goes wrong behind the answer stays in the server."""

    def __init__(self, app: Any, *, before_answer: Any = None, after_answer: Any = None) -> None:
        self.answered = False
        self._app = app
        self._before_answer = before_answer
        self._after_answer = after_answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start" and self._before_answer:
                await self._before_answer()
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.answered = True
                if self._after_answer:
                    await self._after_answer()

        await self._app(scope, receive, sending)

    async def post(self, path: str, **query: Any) -> Any:
        """Send one request and give the answer, once the server is done with it, background tasks included."""
        import httpx

        transport = httpx.ASGITransport(self, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.post(path, params=query)


class _Lost:
    """While the block runs, the connection is lost where a statement of a kind, or a COMMIT, would be sent."""

    def __init__(self, db: Any, where: str) -> None:
        self._engine = db.engine.sync_engine
        self._where = where
        self._kind = OperationalError if db.backend == "sqlite" else InterfaceError

    def __enter__(self) -> None:
        name, listener = self._listener
        event.listen(self._engine, name, listener)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, *self._listener)
        gc.collect()  # SQLite closes a connection when its last cursor goes, and an error's frames hold one

    @property
    def _listener(self) -> tuple[str, Any]:
        if self._where == "COMMIT":
            return "commit", self._at_commit
        return "before_cursor_execute", self._at_statement

    def _at_commit(self, connection: Any) -> None:
        self._lose(connection, "COMMIT")

    def _at_statement(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(self._where):
            self._lose(connection, statement)

    def _lose(self, connection: Any, statement: str) -> None:
        # What SQLAlchemy does when it notices: the connection is closed, so the database rolls back.
        error = ConnectionError("the server closed the connection")
        connection.invalidate(error)
        raise self._kind(statement, {}, error, connection_invalidated=True)


def _json(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


class WelcomeAboard(Exercise):
    """Answer with what is true: after the commit, and in the client's own terms."""

    id = "fastapi-in-production/welcome-aboard"
    title = "Welcome aboard"
    defines = "registration"
    minutes = 12
    achieved = "answer a request with what the commit has really brought"
    users = (7,)
    requirements = {
        "created": Requirement(
            "201 and the id, and the user is stored",
            "FastAPI answers 200 unless told otherwise, and a session stores nothing without a commit.",
            "fastapi-in-production/1",
        ),
        "duplicate": Requirement(
            "409 where the address is taken, also at the last moment, and nothing is stored",
            "An IntegrityError that nobody catches is a 500. Who looks first may still be second.",
            "fastapi-in-production/1",
        ),
        "no-success": Requirement(
            "no success is answered if the commit fails",
            "By default, what stands after a dependency's `yield` runs behind the answer.",
            "fastapi-in-production/1",
        ),
        "lost": Requirement(
            "503 with `Retry-After` where the connection is lost, at the commit or before; nothing is stored",
            "A lost connection is no mistake of the client's. A 503 with `Retry-After` tells it to come again.",
            "fastapi-in-production/1",
        ),
        "bug": Requirement(
            "an error that trying again does not mend stays a 500",
            "Trying again does not mend a missing table. A 503 hides it from those who could.",
            "fastapi-in-production/1",
        ),
        "given-back": Requirement(
            "whatever happened, no connection stays out",
            "A session gives its connection back when its block ends, on every way out.",
            "sessions/5",
        ),
    }
    hints = (
        "Two things to do: the commit before the answer, and a status for each kind of error.",
        'The scope of the dependency, `Depends(get_session, scope="function")`, or a block in the endpoint. '
        "Then two exception handlers.",
        "`refuse_broken_rule` for IntegrityError and `refuse_for_now` for SQLAlchemyError, both from "
        "`course_lib.patterns.web`; the id is there after `await session.flush()`.",
    )
    afterword = (
        'With `scope="function"` the commit comes before the answer, so its error can become the answer. '
        "The handlers look at what kind it is: a rule that was broken is the client's matter, a lost "
        "connection is nobody's fault and worth a second try, and the rest is a bug, which 500 says."
    )
    another = """
def registration(sessions):
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str):
        try:
            async with sessions.begin() as session:
                user = User(name=name, email=email, country=country)
                session.add(user)
            return {"id": user.id}
        except IntegrityError:
            raise HTTPException(409, "There is a user with this address.")
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise HTTPException(503, "Not now.", headers={"Retry-After": "2"})

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Register well, twice, beside another, with the connection lost at two places, and without the table."""
        from fastapi import FastAPI

        async with lab.shop(7) as db:
            call = await lab.call(answer, db.sessions, returns=FastAPI, asynchronous=False)
            app = call.value
            async with self._case(lab, db, call, "a new address"):
                reply = await _Server(app).post("/users", **ZOE)
                stored = await self._stored(db)
                saw = f"{reply.status_code}, {_json(reply)!r}, and stored: {stored}"
                right = reply.status_code == 201 and [_json(reply).get("id")] == stored
                lab.expect("created", right, saw, call)
            if {"created", "given-back"} & lab.broken.keys():
                return  # what follows counts on this user, and on a database that nobody holds
            async with self._case(lab, db, call, "the same address again"):
                reply = await _Server(app).post("/users", **ZOE)
                users = await self._users(db)
                saw = f"{reply.status_code}, and {counted(users, 'user')}"
                lab.expect("duplicate", (reply.status_code, users) == (409, 8), saw, call)
            async with self._case(lab, db, call, "another registers the address at the same moment"):
                racing = ZOE | {"email": "race@example.com"}
                with just_before(db.engine, ("INSERT",), insert(User).values(racing)):
                    reply = await _Server(app).post("/users", **racing)
                lab.expect("duplicate", reply.status_code == 409, f"{reply.status_code}", call)
            before = await self._users(db)
            for where in ("COMMIT", "INSERT"):
                if "given-back" in lab.broken:
                    return
                async with self._case(lab, db, call, f"connection lost at the {where}"):
                    with _Lost(db, where):
                        reply = await _Server(app).post("/users", **ZOE | {"email": f"{where}@example.com"})
                    status, users = reply.status_code, await self._users(db)
                    saw = f"{status}, and {counted(users - before, 'user')} stored"
                    if lab.expect("no-success", status >= 300, saw, call):
                        retry = "Retry-After" in reply.headers
                        saw += "" if retry else ", no `Retry-After`"
                        lab.expect("lost", (status, users, retry) == (503, before, True), saw, call)
            if "given-back" in lab.broken:
                return
            async with self._case(lab, db, call, "the table is gone"):
                async with db.engine.begin() as connection:
                    await connection.execute(text("ALTER TABLE users RENAME TO visitors"))
                reply = await _Server(app).post("/users", **ZOE | {"email": "new@example.com"})
                if {"no-success"} & lab.broken.keys() and reply.status_code < 300:
                    return
                lab.expect("bug", reply.status_code == 500, f"{reply.status_code}", call)

    @contextlib.asynccontextmanager
    async def _case(self, lab: Lab, db: Any, call: Call, label: str) -> Any:
        call.label = label
        async with lab.case(label):
            with connections(db.engine) as pool:
                yield
            kept = pool.out + pool.lost
            lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call)

    async def _users(self, db: Any) -> int:
        async with db.sessions() as session:
            return await session.scalar(select(func.count()).select_from(User)) or 0

    async def _stored(self, db: Any) -> list[int]:
        async with db.sessions() as session:
            return list(await session.scalars(select(User.id).filter_by(**ZOE)))


class TheMail(Exercise):
    """Run what comes after the answer after the commit, with a session of its own, and hold nothing meanwhile."""

    id = "fastapi-in-production/the-mail"
    title = "The mail"
    defines = "order_desk"
    minutes = 15
    achieved = "let work after the answer run on its own, and only for what is stored"
    users = (7,)
    requirements = {
        "created": Requirement(
            "201 and the id, and the order is stored",
            "FastAPI answers 200 unless told otherwise, and a session stores nothing without a commit.",
            "fastapi-in-production/1",
        ),
        "unknown": Requirement(
            "404 for an unknown user: no order, no mail",
            "An owner that is not there is an IntegrityError, and unless caught a 500.",
            "fastapi-in-production/1",
        ),
        "after": Requirement(
            "the mail begins once the answer is out",
            "What an endpoint awaits, its client awaits too. A task that it starts itself does not wait for the answer.",
            "fastapi-in-production/2",
        ),
        "committed": Requirement(
            "the mail begins once the order is committed; without a commit there is none",
            "By default a background task runs before the dependency's commit.",
            "fastapi-in-production/2",
        ),
        "fresh": Requirement(
            "the number of orders is what the database says when the mail is written",
            "What the endpoint has read is as old as the endpoint.",
            "fastapi-in-production/2",
        ),
        "idle": Requirement(
            "while the mail is on its way, no connection is out",
            "A session that has read holds its connection until its block ends.",
            "limits-and-cancellation/2",
        ),
        "kept": Requirement(
            "if the mail fails, the order stays, and the client has read 201",
            "The order was promised. A mail can be sent again.",
            "fastapi-in-production/2",
        ),
        "given-back": Requirement(
            "after the task no connection stays out",
            "A closed session begins anew when it is used, and nobody closes it a second time.",
            "fastapi-in-production/2",
        ),
    }
    hints = (
        "Two transactions: one for the order, one for what the mail needs. When does each end?",
        'The commit before the answer: `scope="function"`. The task: `async with sessions() as own:`, read, '
        "and leave the block before the mail is sent.",
        "`async def confirm(): async with sessions() as own: user = await own.get(User, user_id)`, then the "
        "count; after the block `await mail(user.email, number)`. And `tasks.add_task(confirm)`.",
    )
    afterword = (
        "The request's transaction ends before the answer, so the task finds the order. The task has a "
        "session of its own, reads what it needs, and gives the connection back before it waits for the mail "
        "server, which may take a minute. If that fails, nothing of the database is touched."
    )
    another = """
def order_desk(sessions, mail):
    app = FastAPI()

    async def confirm(user_id):
        query = (
            select(User.email, func.count(Order.id))
            .join(User.orders)
            .where(User.id == user_id)
            .group_by(User.email)
        )
        async with sessions() as session:
            email, number = (await session.execute(query)).one()
        await mail(email, number)

    @app.post("/users/{user_id}/orders", status_code=201)
    async def order(user_id: int, cents: int):
        async with sessions.begin() as session:
            if await session.get(User, user_id) is None:
                raise HTTPException(404)
            order = Order(user_id=user_id, ordered_on=date.today(), cds=1, cents=cents)
            session.add(order)
        return JSONResponse({"id": order.id}, 201, background=BackgroundTask(confirm, user_id))

    return app
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """An order; one behind whose answer another is stored; a commit and a mail that fail; nobody's order."""
        async with lab.shop(7) as db:
            with connections(db.engine) as pool:
                desk = _Desk(db, pool)
                await desk.open(answer, lab)
                await self._order(lab, desk)
                if lab.broken:
                    return  # what follows would fail for the same reason
                await self._lost(lab, desk)
                await self._later(lab, desk)
                async with lab.case("the mail fails"):
                    desk.fails = True
                    before = await desk.orders()
                    reply = await desk.post(CUSTOMER)
                    seen = (reply.status_code, await desk.orders() - before)
                    saw = f"{seen[0]}, and {counted(seen[1], 'order')} stored"
                    lab.expect("kept", seen == (201, 1), saw, desk.call)
                    desk.fails = False
                async with lab.case("an unknown user"):
                    before, mails = await desk.orders(), len(desk.mails)
                    reply = await desk.post(NOBODY)
                    found = (reply.status_code, await desk.orders() - before, len(desk.mails) - mails)
                    saw = f"{found[0]}, {counted(found[1], 'order')} stored, {counted(found[2], 'mail')}"
                    lab.expect("unknown", found == (404, 0, 0), saw, desk.call)
                if desk.all_back(lab):
                    saw = f"{counted(desk.out, 'connection')} out while the mail was on its way"
                    lab.expect("idle", not desk.out, saw, desk.call)

    async def _order(self, lab: Lab, desk: "_Desk") -> None:
        async with lab.case("one order"):
            before = await desk.orders()
            reply = await desk.post(CUSTOMER, before_answer=desk.dawdle)
            new = await desk.newest()
            if desk.mails and not lab.expect("after", desk.answered, "the mail came first", desk.call):
                return
            if not await desk.mailed():
                lab.expect("committed", False, "no mail was sent", desk.call)
                return
            saw = "when the mail began, no other session found the order"
            if not lab.expect("committed", desk.mails[0][2] == before + 1, saw, desk.call):
                return
            saw = f"{reply.status_code}, {_json(reply)!r}, and stored: {new}"
            right = (reply.status_code, _json(reply), new[1]) == (201, {"id": new[0]}, 1200)
            lab.expect("created", right, saw, desk.call)
            told = desk.mails[0][:2]
            lab.same("fresh", told, (desk.email, before + 1), desk.call)
            desk.all_back(lab)

    async def _lost(self, lab: Lab, desk: "_Desk") -> None:
        async with lab.case("the commit fails"):
            mails = len(desk.mails)
            with _Lost(desk.db, "COMMIT"):
                await desk.post(CUSTOMER)
            saw = "the connection was lost at the commit, and the mail went out"
            lab.expect("committed", len(desk.mails) == mails, saw, desk.call)

    async def _later(self, lab: Lab, desk: "_Desk") -> None:
        async with lab.case("another order comes after the answer"):
            before, mails = await desk.orders(), len(desk.mails)
            await desk.post(CUSTOMER, after_answer=desk.another)
            await desk.mailed(mails + 1)
            number = desk.mails[-1][1] if len(desk.mails) > mails else "no mail"
            lab.same("fresh", number, before + 2, desk.call)


class _Desk:
    """The answer's application with a mail server beside it that looks around when it is used."""

    def __init__(self, db: Any, pool: Any) -> None:
        self.db = db
        self.mails: list[tuple[str, int, int]] = []
        self.out = 0
        self.fails = False
        self.answered = False
        self.call = Call("one order")
        self._pool = pool
        self._came = asyncio.Event()
        self._server: Any = None

    async def open(self, answer: Any, lab: Lab) -> None:
        from fastapi import FastAPI

        self._outside = make_engine(self.db.url)
        async with self.db.sessions() as session:
            self.email = await session.scalar(select(User.email).where(User.id == CUSTOMER))
        self.call = await lab.call(answer, self.db.sessions, self.mail, returns=FastAPI, asynchronous=False)

    def all_back(self, lab: Lab) -> bool:
        kept = self._pool.out + self._pool.lost
        return lab.expect(
            "given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", self.call
        )

    async def mail(self, email: str, number: int) -> None:
        self.answered = self._server.answered
        self.out = max(self.out, self._pool.out)
        self.mails.append((email, number, await self.orders()))
        self._came.set()
        if self.fails:
            raise ConnectionError("the mail server is down")

    async def orders(self) -> int:
        """How many orders the customer has, seen from outside."""
        async with self._outside.connect() as connection:
            query = select(func.count()).select_from(Order).where(Order.user_id == CUSTOMER)
            return await connection.scalar(query) or 0

    async def newest(self) -> tuple[int, int]:
        async with self._outside.connect() as connection:
            query = select(Order.id, Order.cents).order_by(Order.id.desc()).limit(1)
            newest = (await connection.execute(query)).one()
            return newest.id, newest.cents

    async def another(self) -> None:
        async with self._outside.begin() as connection:
            values = {"user_id": CUSTOMER, "ordered_on": date(1998, 6, 30), "cds": 1, "cents": 100}
            await connection.execute(insert(Order).values(values))

    async def dawdle(self) -> None:
        """Hold the answer back for as long as a task that does not wait for it needs to come to its mail."""
        for _ in range(15):
            if self._came.is_set():
                break
            await self.orders()

    async def post(self, user_id: int, *, before_answer: Any = None, after_answer: Any = None) -> Any:
        self._came.clear()
        self._server = _Server(self.call.value, before_answer=before_answer, after_answer=after_answer)
        return await self._server.post(f"/users/{user_id}/orders", cents=1200)

    async def mailed(self, mails: int = 1) -> bool:
        """Whether so many mails have come; a task of the answer's own may need a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while len(self.mails) < mails:
                    await self._came.wait()
                    self._came.clear()
        return len(self.mails) >= mails


class RoomForEverybody(Exercise):
    """Share the server's connections among processes, so that no pool can ask for more than there is."""

    id = "fastapi-in-production/room-for-everybody"
    title = "Room for everybody"
    defines = "pool_options"
    minutes = 8
    achieved = "give every process a pool that the server has room for"
    backends = ("sqlite",)
    users = ()
    requirements = {
        "most": Requirement(
            "each process may open its whole share",
            "Connections that nobody may use help nobody.",
            "fastapi-in-production/4",
        ),
        "limit": Requirement(
            "no process may ever open more than its share",
            "`max_overflow` is 10 unless you say otherwise, and `pool_size=0` has no end.",
            "connection-pool/1",
        ),
        "whole": Requirement(
            "what cannot be shared evenly is left over",
            "Rounded up, the last process finds the server full.",
            "fastapi-in-production/4",
        ),
        "reserved": Requirement(
            "the reserved connections are left alone",
            "The last ones are an administrator's, not yours.",
            "fastapi-in-production/4",
        ),
        "others": Requirement(
            "what other programs need is left to them",
            "A migration or a report needs a connection too.",
            "fastapi-in-production/4",
        ),
        "overlap": Requirement(
            "the old processes of a deployment have their share as well",
            "While a new version starts, the old one still runs.",
            "fastapi-in-production/4",
        ),
        "impossible": Requirement(
            "ValueError where there is not one connection for each process",
            "A pool of no connections does not exist: `pool_size=0` means no limit.",
            "connection-pool/1",
        ),
    }
    hints = (
        "What is left for the service, and among how many processes, at the worst moment?",
        "`(max_connections - reserved - others) // (workers + overlap)`.",
        'If that is below 1: `raise ValueError`. Else `{"pool_size": share, "max_overflow": 0}`.',
    )
    afterword = (
        "The worst moment is a deployment, when both versions run. The share is rounded down, and "
        "`max_overflow=0` makes it the whole truth. Less than one each is no matter of options: it takes "
        "fewer processes, a bigger server, or a pooler in between."
    )
    another = """
def pool_options(*, max_connections, reserved, others, workers, overlap):
    share, left_over = divmod(max_connections - reserved - others, workers + overlap)
    if share <= 0:
        raise ValueError(f"no room for {workers + overlap} processes")
    kept = (share + 1) // 2
    return {"pool_size": kept, "max_overflow": share - kept}
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Shares with one number changed at a time, measured on an engine that is made with them."""
        plain = {"max_connections": 100, "reserved": 0, "others": 0, "workers": 5, "overlap": 0}
        if not await self._share(answer, lab, "", plain, 20):
            return
        for key, change, wanted in (
            ("most", {"max_connections": 60, "workers": 1}, 60),
            ("most", {"max_connections": 7, "workers": 7}, 1),
            ("whole", {"workers": 6}, 16),
            ("reserved", {"reserved": 5}, 19),
            ("others", {"others": 10}, 18),
            ("overlap", {"overlap": 5}, 10),
            ("overlap", {"overlap": 15}, 5),
        ):
            await self._share(answer, lab, key, plain | change, wanted)
        for change in ({"workers": 101}, {"max_connections": 10, "reserved": 10, "others": 10}):
            case = plain | change
            async with lab.case(_told(case)):
                call = await lab.call(
                    answer, keywords=case, catch=ValueError, asynchronous=False, blame="impossible"
                )
                saw = f"{call.value!r} instead of a ValueError"
                lab.expect("impossible", isinstance(call.error, ValueError), saw, call)

    async def _share(self, answer: Any, lab: Lab, key: str, case: dict[str, int], wanted: int) -> bool:
        async with lab.case(_told(case)):
            call = await lab.call(answer, keywords=case, returns=dict, asynchronous=False)
            pool: Any = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none", **call.value).pool
            size, overflow = pool.size(), pool._max_overflow
            endless = size == 0 or overflow < 0
            saw = f"{call.value!r}: " + ("no limit at all" if endless else f"up to {size + overflow}")
            saw += f" instead of {wanted}"
            if size + overflow != wanted or endless:
                lab.expect(
                    key or ("limit" if endless or size + overflow > wanted else "most"), False, saw, call
                )
                return False
            return True
        return False


def _told(case: dict[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in case.items())


class LimitsThatHold(Exercise):
    """Have the server keep limits on every connection of one engine, and on no other."""

    id = "fastapi-in-production/limits-that-hold"
    title = "Limits that hold"
    defines = "limited_engine"
    core = False
    minutes = 10
    achieved = "give an engine limits that the server keeps, whatever your process does"
    backends = ("postgresql",)
    users = (0,)
    requirements = {
        "query": Requirement(
            "the server stops a statement after `query` seconds",
            "A number without a unit is milliseconds to the server. A deadline in your process it does not know at all.",
            "fastapi-in-production/3",
        ),
        "lock": Requirement(
            "the server gives up on a lock after `lock` seconds",
            "A statement that waits for a lock is not idle, and may wait for ever.",
            "fastapi-in-production/3",
        ),
        "idle": Requirement(
            "the server ends a transaction in which nothing happens for `idle` seconds",
            "A slow statement and an open transaction without one are two different limits.",
            "fastapi-in-production/3",
        ),
        "name": Requirement(
            "the server lists the connections under `name`",
            "Without a name, all connections of a server look alike.",
            "fastapi-in-production/5",
        ),
        "fractions": Requirement(
            "seconds may be fractions",
            "Rounded down, a quarter of a second is 0, and 0 means no limit.",
            "fastapi-in-production/3",
        ),
        "every": Requirement(
            "this holds for every connection of the engine, and after a rollback too",
            "SET is for one connection, and part of its transaction: a rollback undoes it.",
            "fastapi-in-production/3",
        ),
        "only-here": Requirement(
            "other engines on the same database are not limited",
            "ALTER ROLE and ALTER DATABASE are for all who connect.",
            "fastapi-in-production/3",
        ),
    }
    hints = (
        "The driver can hand settings to the server when a connection is opened.",
        '`connect_args={"server_settings": {...}}`; the values are strings.',
        'Milliseconds: `f"{round(query * 1000)}ms"`. The names: `statement_timeout`, `lock_timeout`, '
        "`idle_in_transaction_session_timeout`, `application_name`.",
    )
    afterword = (
        "`server_settings` go out with the request for a connection, so each has them from its first moment, "
        "and they are what a rollback or RESET goes back to. Behind PgBouncer they do not arrive: there, give "
        "them to the role."
    )
    another = """
def limited_engine(url, *, name, query, lock, idle):
    engine = make_engine(url, connect_args={"server_settings": {"application_name": name}})

    @event.listens_for(engine.sync_engine, "connect")
    def set_limits(connection, record):
        cursor = connection.cursor()
        for setting, seconds in (
            ("statement_timeout", query),
            ("lock_timeout", lock),
            ("idle_in_transaction_session_timeout", idle),
        ):
            cursor.execute(f"SET {setting} = '{int(seconds * 1000)}ms'")
        cursor.close()
        connection.commit()

    return engine
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask the server what it would do, on two connections at once, after a rollback, and elsewhere."""
        async with lab.shop(0) as db:
            wanted = {"query": 3000, "lock": 2000, "idle": 5000, "name": "desk"}
            case = {"name": "desk", "query": 3.0, "lock": 2.0, "idle": 5.0}
            async with self._engine(answer, lab, db, case) as (engine, call):
                async with engine.connect() as one:
                    first = await self._settings(one)
                    for key, value in wanted.items():
                        lab.same(key, first[key], value, call)
                    if lab.broken:
                        return
                    async with engine.connect() as two:
                        saw = f"a second connection has {await self._settings(two)} instead of {wanted}"
                        lab.expect("every", await self._settings(two) == wanted, saw, call)
                    await one.rollback()
                    saw = f"after a rollback: {await self._settings(one)} instead of {wanted}"
                    lab.expect("every", await self._settings(one) == wanted, saw, call)
                other_engine = make_engine(db.url)
                async with other_engine.connect() as other:
                    limits = await self._settings(other)
                    free = not any(limits[key] for key in ("query", "lock", "idle"))
                    lab.expect("only-here", free, f"another engine has {limits}", call)
                await other_engine.dispose()
            case = {"name": "desk", "query": 0.25, "lock": 0.5, "idle": 1.5}
            async with self._engine(answer, lab, db, case) as (engine, call), engine.connect() as one:
                wanted |= {"query": 250, "lock": 500, "idle": 1500}
                lab.same("fractions", await self._settings(one), wanted, call)

    @contextlib.asynccontextmanager
    async def _engine(self, answer: Any, lab: Lab, db: Any, case: dict[str, Any]) -> Any:
        async with lab.case(", ".join(f"{name}={value!r}" for name, value in case.items())):
            call = await lab.call(
                answer, db.url, keywords=case, on=db, returns=AsyncEngine, asynchronous=False
            )
            try:
                yield call.value, call
            except DBAPIError as error:
                lab.stumbled(error)
            finally:
                await call.value.dispose()

    async def _settings(self, connection: Any) -> dict[str, Any]:
        """What the server keeps for a connection: milliseconds, and its name."""
        query = text("""
            SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
                'idle_in_transaction_session_timeout', 'application_name')""")
        found = {name: value for name, value in await connection.execute(query)}
        return {
            "query": int(found["statement_timeout"]),
            "lock": int(found["lock_timeout"]),
            "idle": int(found["idle_in_transaction_session_timeout"]),
            "name": found["application_name"],
        }


LESSON = Lesson(
    id="fastapi-in-production",
    number="19",
    notebook="19_fastapi_in_production",
    title="FastAPI in production",
    promise="You will let a commit fail after the answer, hang up on a server, run out of connections, and put PgBouncer between.",
    minutes=25,
    exercise_minutes=45,
    objectives=(
        "answer 409 or 503, and no success, where a commit fails",
        "say what a background task sees, and what its failure does",
        "say what clients that hang up leave behind, and set limits on the server",
        "compute how many connections a service may open",
        "set up an engine behind PgBouncer",
    ),
    exercises=(WelcomeAboard(), TheMail(), RoomForEverybody(), LimitsThatHold()),
    recall=(
        Question(
            "semaphore-and-connection",
            "Tasks read, and then wait at a semaphore with their session open. What do those who wait hold?",
            (
                Choice("A connection each", "Right: a session that has read holds it until it ends.", True),
                Choice("Nothing", "They have read, so each has a transaction open, and a connection out."),
                Choice("One connection together", "One session each, so one connection each."),
            ),
            "limits-and-cancellation/2",
        ),
        Question(
            "how-many-by-default",
            "An engine is made with `pool_size=5` and nothing else. How many connections may it open?",
            (
                Choice("15", "Right: `max_overflow` is 10 unless you say otherwise.", True),
                Choice("5", "Five are kept. Ten more may be opened on top."),
                Choice("As many as are asked for", "There is an end: 5 + 10."),
            ),
            "connection-pool/1",
        ),
    ),
    predictions=(
        Question(
            "failing-mail",
            "`Late`: the order is flushed, the client has read 201, and then the background task raises. What "
            "becomes of the order?",
            (
                Choice(
                    "It is rolled back",
                    "Yes. The task runs before the dependency's commit, and its error goes through the "
                    "dependency like any other.",
                    True,
                ),
                Choice(
                    "It is stored: the answer is out",
                    "The answer is out, and the commit is not. The task's error comes in between.",
                ),
                Choice(
                    "It is stored: a task has nothing to do with the request",
                    "It runs inside the request, and its error ends the request's transaction.",
                ),
            ),
            "fastapi-in-production/2",
        ),
        Question(
            "client-gone",
            "The client hangs up while the endpoint waits, and the server notices. The endpoint has flushed an "
            "order. What becomes of it?",
            (
                Choice(
                    "It is stored, unless the endpoint looks",
                    "Yes: FastAPI cancels no endpoint, and it goes on to its commit.",
                    True,
                ),
                Choice(
                    "The endpoint is cancelled, and the order rolled back",
                    "A stream of rows is cancelled. An endpoint is not.",
                ),
                Choice(
                    "The answer cannot be sent, so it is rolled back",
                    "The commit comes before the answer, and asks nobody whether it arrives.",
                ),
            ),
            "fastapi-in-production/3",
        ),
        Question(
            "through-pgbouncer",
            "An engine without special settings behind PgBouncer. The same query three times; at the third, "
            "another client is in the middle of a transaction. What happens?",
            (
                Choice(
                    "Two answers, then an error",
                    "Yes: the third time it runs on another connection, where nobody prepared it.",
                    True,
                ),
                Choice(
                    "Three answers",
                    "It would be so if nothing of the client's were kept on the server's connection.",
                ),
                Choice(
                    "An error each time",
                    "As long as the connection of the server stays the same, nothing is missing.",
                ),
                Choice(
                    "The third one waits until the other client is done",
                    "PgBouncer has two connections here. The other one is free.",
                ),
            ),
            "fastapi-in-production/5",
        ),
    ),
    quiz=(
        Question(
            "flush-is-enough",
            "The endpoint flushes, so a duplicate is found in time. Can the commit behind the answer still fail?",
            (
                Choice(
                    "Yes: a lost connection, a lost race, a rule checked at the end",
                    "Right. What the client has read must wait for the commit.",
                    True,
                ),
                Choice(
                    "No: after the flush all is in the database",
                    "It is in a transaction of the database. Until the commit it is nobody's.",
                ),
                Choice(
                    "Only on PostgreSQL",
                    "SQLite checks deferred rules at the commit too, and a disk may be full.",
                ),
            ),
            "fastapi-in-production/1",
        ),
        Question(
            "how-many",
            "`max_connections` is 100, 3 are reserved. 4 workers with `pool_size=10, max_overflow=5`. Is that "
            "enough room?",
            (
                Choice(
                    "No: 120 while a new version replaces the old one",
                    "Right: 4 x 15 is 60, and twice that during a deployment.",
                    True,
                ),
                Choice("Yes: 40 of 97", "The overflow counts: a worker may open 15."),
                Choice(
                    "Yes: 60 of 97", "On most days. During a deployment old and new workers run together."
                ),
            ),
            "fastapi-in-production/4",
        ),
        Question(
            "behind-the-pooler",
            "Behind PgBouncer in transaction mode: which of these still works as before?",
            (
                Choice(
                    "A transaction with several statements",
                    "Right: for a transaction, the connection is yours.",
                    True,
                ),
                Choice(
                    "`SET statement_timeout` once, after connecting",
                    "It stays with the server's connection, and the next transaction may be elsewhere.",
                ),
                Choice(
                    "A prepared statement, kept for the next request",
                    "Its name is known on one connection of the server only.",
                ),
            ),
            "fastapi-in-production/5",
        ),
    ),
    cheat=(
        'Depends(get_session, scope="function")',
        "app.add_exception_handler(SQLAlchemyError, refuse_for_now)",
        'connect_args={"server_settings": {"statement_timeout": "5s"}}',
        "make_pgbouncer_engine(url)",
    ),
    terms={
        "background task": "what FastAPI runs after the answer is out, still as a part of the request",
        "worker process": "one of several processes that serve the same application, each with its own pool",
        "idle in transaction": "of a connection: its transaction is open, and nothing is asked",
        "prepared statement": "a statement that the server has read once and keeps under a name, per connection",
        "transaction mode": "PgBouncer's way to lend a connection of the server for one transaction",
    },
)

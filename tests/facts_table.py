"""What was found out about async SQLAlchemy, fact by fact, and the lesson whose cell shows it.

A cell that shows a fact carries the tag `fact-<id>`. A fact whose place is `waits: NN` belongs to a lesson
that is not written yet; `ledger` means that no lesson takes it up and the trials do. Ids
only have to be stable: a number is a claim, `2.1-...` a measurement, `3.1` a correction.
"""

from __future__ import annotations

from typing import NamedTuple

START = "00_start_here"
TASKS = "01_await_and_tasks"
ENGINE = "02_engine"
POOL = "03_connection_pool"
SESSIONS = "04_sessions"
TRANSACTIONS = "05_transactions"
STALE = "06_stale_and_expired"
MODELS = "07_models"
RELATIONSHIPS = "08_relationships"
LAZY = "09_lazy_loading"
LOADERS = "10_choosing_a_loader"
BULK = "11_bulk_inserts"
IMPORTS = "12_large_imports"
REPOSITORIES = "13_repositories"
TESTING = "14_unit_of_work_and_testing"
TASKGROUP = "15_taskgroup_concurrency"
LIMITS = "16_limits_and_cancellation"
LOCKS = "17_locks_and_lost_updates"
FASTAPI = "18_fastapi"
PRODUCTION = "19_fastapi_in_production"
LEDGER = "ledger"


class Fact(NamedTuple):
    """A fact in our words, and the notebooks that show it (or where it waits)."""

    text: str
    places: tuple[str, ...]


def fact(text: str, *places: str) -> Fact:
    return Fact(text, places)


FACTS: dict[str, dict[str, Fact]] = {
    "coroutines and blocking": {
        "36": fact("a synchronous Session on an async engine raises, it does not block", TASKS),
        "2.2-commit-not-awaited": fact("a commit without await warns and loses the data", TASKS),
        "2.6-heartbeat-sync": fact("a synchronous engine in a coroutine stops the loop's heartbeat", TASKS),
        "2.6-heartbeat-thread": fact("the same work in asyncio.to_thread leaves the heartbeat alone", TASKS),
        "2.6-heartbeat-async": fact("an AsyncSession leaves the heartbeat alone while it waits", TASKS),
        "2.6-heartbeat-rows": fact("building very many objects blocks, also in async code", TASKS),
        "2.6-stream": fact("stream with yield_per spares memory and the loop", TASKS, IMPORTS),
        "2.6-two-loops": fact(
            "an asyncpg engine fails in a second event loop, aiosqlite does not", ENGINE, TESTING
        ),
        "32": fact("awaits one after the other are sequential, whatever a docstring says", TASKS),
    },
    "engine and pool": {
        "1": fact("one engine per event loop; pool arguments depend on the pool class", ENGINE, POOL),
        "39": fact(
            "a session leaks its connection after a query without commit, rollback or close", SESSIONS, STALE
        ),
        "40": fact("pre-ping checks at checkout only and has its price", POOL, PRODUCTION),
        "41": fact("recycle is looked at when a connection is checked out", POOL),
        "2.7-defaults": fact("pool classes and defaults of both backends", POOL),
        "2.7-memory": fact("in memory all connections are one, and share a transaction", POOL),
        "2.7-null-pool": fact("NullPool opens a connection for every checkout", POOL),
        "2.5-pool-limit": fact("tasks run side by side as far as the pool has connections", POOL),
        "2.7-idle-session": fact("a session that ran no query holds no connection", SESSIONS),
        "2.9-run-sync": fact("create_all, inspect and events need the synchronous face", ENGINE),
    },
    "sessions": {
        "2": fact("async_sessionmaker makes AsyncSession by default", SESSIONS),
        "20": fact("a default key is assigned at flush, not in the constructor", SESSIONS),
        "37": fact("session.get without an identity is a TypeError", SESSIONS),
        "2.2-no-commit": fact(
            "leaving `async with factory()` does not commit, factory.begin() does", SESSIONS
        ),
        "3": fact("expire_on_commit=False removes one of several causes, and get() may be stale", STALE),
        "4": fact("autoflush=False hides pending rows from queries", STALE),
        "3.10": fact("rollback still expires; SQL-side onupdate needs refresh", STALE),
        "2.2-failed-flush": fact(
            "a failed flush and a failed execute leave different sessions", TRANSACTIONS
        ),
        "2.2-nested": fact("begin_nested around each insert lets the good rows live", TRANSACTIONS),
        "2.2-isolation": fact("what one transaction sees, on both backends", TRANSACTIONS),
        "2.2-savepoint": fact("SQLite's savepoint survives the outer rollback unless mended", TRANSACTIONS),
    },
    "models": {
        "7": fact("validating from attributes has to be switched on", FASTAPI),
        "8": fact("an aware default does not fit a column without a time zone", MODELS),
        "8b": fact("DateTime(timezone=True) settles it on PostgreSQL only", MODELS),
        "9": fact("the generic Uuid type serves both backends", MODELS),
        "10": fact("a key without a default cannot be inserted", MODELS),
        "11": fact("unique and index together make one unique index", MODELS),
        "25": fact("a generic repository cannot count on `id`", REPOSITORIES),
        "29": fact("delete needs cascade, passive_deletes and a foreign key that agrees", RELATIONSHIPS),
        "2.1-write-only": fact("write-only relationships: what can and cannot be done", RELATIONSHIPS),
        "42": fact("imports and generics have moved on", LEDGER),
        "43": fact("samples without their imports", LEDGER),
        "2.3-keys": fact("the kind of key decides how many INSERTs a flush of objects sends", MODELS),
        "2.1-lazy-family": fact("what each lazy setting sends, and what a touch then gives", RELATIONSHIPS),
        "2.1-no-backref-cascade": fact(
            "an object is not added to a session by pointing at one that is in it", RELATIONSHIPS
        ),
        "21-varchar": fact("SQLite does not enforce the length of a VARCHAR, PostgreSQL does", "21_capstone"),
    },
    "lazy loading": {
        "12": fact(
            "lazy='raise' accepts any loader, and refresh, and awaitable_attrs is refused",
            LAZY,
            RELATIONSHIPS,
        ),
        "13": fact("selectinload is two statements, not one", LAZY),
        "14": fact("one statement for each 500 parents, and a limit needs an order", LAZY),
        "15": fact("awaitable_attrs in a loop is N+1", START, LAZY),
        "38": fact("a bare touch never blocks: it raises", LAZY),
        "3.1": fact("on aiosqlite and 2.1 MissingGreenlet comes inside a StatementError", LAZY),
        "2.1-awaitable-100": fact("a hundred users, a hundred statements more", LAZY),
        "2.1-selectin-1-0": fact("one user found: two statements; none found: one", LAZY),
        "2.1-selectin-100-1200": fact("100 users: 2 statements; 1200 users: 4", LAZY),
        "2.1-get-options-ignored": fact("get() ignores its options for an object already here", LAZY),
        "2.1-refresh-names": fact("refresh with names loads a relationship late", LAZY),
        "2.1-refresh-plain": fact("refresh without names drops loaded lazy='raise' collections", LAZY, STALE),
        "2.6-bridge": fact(
            "run_sync runs the ORM in a greenlet that can be left while the driver waits", LAZY
        ),
    },
    "loaders": {
        "16": fact("what selectinload and joinedload cost has nothing to do with async", LOADERS),
        "17": fact("joinedload of a collection needs unique(); first() does not ask", LOADERS),
        "2.1-two-levels": fact("two levels by selectinload: 1 + 1 + one per 500 orders", LOADERS),
        "2.1-with-tags": fact("a second collection by selectinload adds one statement", LOADERS),
        "2.1-joined": fact("joinedload with unique(): one statement, one row per order", LOADERS),
        "2.1-row-explosion": fact("two joined collections multiply the rows", LOADERS),
        "2.1-joined-limit": fact("joinedload with LIMIT limits users, through a subquery", LOADERS),
        "2.1-subquery": fact(
            "subqueryload repeats the query; without an order the two can disagree", LOADERS
        ),
        "2.1-many-to-one": fact("many-to-one: joinedload in one statement, no unique()", LOADERS),
        "2.1-already-loaded": fact("a loaded collection is not renewed without populate_existing", LOADERS),
    },
    "bulk": {
        "18": fact("add_all is batched only where the key allows it", BULK),
        "19": fact("add_all is not the efficient bulk insert", BULK),
        "21": fact("chunks spare memory if nobody keeps the objects", IMPORTS),
        "22": fact("parameter limits of both drivers", IMPORTS),
        "23": fact("chunks without commits give no progress", IMPORTS),
        "24": fact("uneven rows become single statements", BULK),
        "2.3": fact("what add_all and insert() send, by kind of key", BULK),
        "2.4": fact("rows per second of each way, both backends", BULK, IMPORTS),
        "2.9-upsert": fact("on conflict do update, and what stays stale", IMPORTS),
        "2.3-empty": fact("an empty list beside an INSERT is one row of defaults", BULK),
        "2.3-order": fact("RETURNING in the order of the rows costs SQLite a statement a row", BULK),
        "2.3-names": fact("a name that is no column, or no attribute, is dropped without an error", BULK),
        "2.3-none": fact("a session takes None for a default, unless told to render NULLs", BULK),
        "2.4-copy": fact("a driver's COPY before SQLAlchemy's first statement commits itself", IMPORTS),
        "2.6-commit-in-stream": fact("a commit in the middle of a stream ends it on asyncpg only", IMPORTS),
        "21-rowcount": fact("rowcount of many rows: a sum on SQLite, -1 with asyncpg", "21_capstone"),
    },
    "repositories": {
        "26": fact("get_many keeps neither order nor duplicates", REPOSITORIES),
        "27": fact("update(**kwargs) swallows typos and rewrites keys", REPOSITORIES),
        "28": fact("after a duplicate every call fails until rollback", REPOSITORIES),
        "29-refused": fact("a refused delete spoils the session, in a savepoint it does not", REPOSITORIES),
        "14-order": fact(
            "without ORDER BY PostgreSQL gives rows as they lie, and an UPDATE moves them", REPOSITORIES
        ),
    },
    "concurrency": {
        "30": fact("a shared session fails while it gets its connection, and silently afterwards", TASKGROUP),
        "31": fact("a shared session loses data without an error", TASKGROUP),
        "33": fact("one session per task is bounded by the pool", TASKGROUP),
        "34": fact("one session per task or request", TASKGROUP),
        "35": fact("scoped sessions: what they share and leak", LIMITS),
        "2.5-timeout": fact("a timeout cancels the query on PostgreSQL only", LIMITS),
        "2.9-skip-locked": fact("SKIP LOCKED works on PostgreSQL and is dropped on SQLite", LOCKS),
        "2.9-schema-change": fact("prepared statements fail once after a schema change", PRODUCTION),
        "2.9-typed": fact("asyncpg is strict about types and one statement per text", LEDGER),
        "2.5-shared-serial": fact("a shared session with its connection runs tasks one by one", TASKGROUP),
        "2.5-gather": fact("gather on a shared session hides the first error", TASKGROUP),
        "2.5-group-fails": fact("a failing group rolls its tasks back; gather lets them go on", TASKGROUP),
        "2.5-lookups": fact("one IN query instead of a task for each id", TASKGROUP),
        "2.5-forty": fact("forty tasks: as many queries at once as the pool has connections", LIMITS),
        "2.5-line": fact("who comes after a fan-out waits behind all of it", LIMITS),
        "2.5-gate": fact("a limit inside the session's block does not limit connections", LIMITS),
        "2.5-cut-off": fact("a connection whose query was cut off is given up", LIMITS),
        "2.5-interrupt": fact("interrupt() stops a query on SQLite", LIMITS),
        "16-clean-up": fact("what was committed is undone in BaseException, not in Exception", LIMITS),
        "16-swallowed": fact("a cancellation that is swallowed ends the deadline", LIMITS),
        "16-plain": fact("plain code hears of no deadline", LIMITS),
        "16-thread": fact("a deadline stops the waiting for a thread, and not the thread", LIMITS),
        "17-lost-update": fact("read, compute, write in two transactions loses one of them silently", LOCKS),
        "17-sqlite-refuses": fact("on SQLite one of two readers who want to write is refused", LOCKS),
        "17-atomic": fact("a conditional UPDATE waits, looks again and tells by its rowcount", LOCKS),
        "17-evaluated": fact("after update() the session computes its own number from old values", LOCKS),
        "17-for-update": fact("FOR UPDATE in a new session reads what is stored now", LOCKS),
        "17-locked-and-stale": fact("FOR UPDATE leaves a held object's values as they were", LOCKS),
        "17-deadlock": fact("two rows in two orders deadlock (40P01), in one order they do not", LOCKS),
        "17-version": fact("a version column raises StaleDataError on both backends", LOCKS),
        "17-serializable": fact("40001, and the whole transaction is done again", LOCKS),
        "17-in-transaction": fact("in_transaction repeats a lost race on both backends", LOCKS),
    },
    "fastapi": {
        "5": fact("a dependency's code after yield runs after the response", FASTAPI, PRODUCTION),
        "6": fact("cancellation is no Exception, and the context manager cleans up", FASTAPI),
        "2.8": fact(
            "commit, response and background task in order, by dependency scope", FASTAPI, PRODUCTION
        ),
        "18-two-loops": fact(
            "an engine made at import serves one event loop, one of a lifespan each start", FASTAPI
        ),
        "18-statuses": fact("404 is the endpoint's, 422 comes from types, a broken rule is a 500", FASTAPI),
        "18-large-id": fact("a number that does not fit the column fails on PostgreSQL only", FASTAPI),
        "18-conflict": fact("one handler tells a duplicate from an unknown key, at the commit too", FASTAPI),
        "18-no-model": fact("an object without a response model gives every loaded column", FASTAPI),
        "18-lazy-answer": fact("a response model that touches what is not loaded fails", FASTAPI),
        "18-no-lifespan": fact("httpx's ASGITransport runs no lifespan", FASTAPI),
        "18-override": fact("override the session factory, not the session", FASTAPI),
        "18-transport-waits": fact("ASGITransport answers when late commits and tasks are done", FASTAPI),
        "19-task-session": fact(
            "a request's session used in a background task begins anew and keeps its connection", PRODUCTION
        ),
        "19-client-gone": fact(
            "a client that hangs up cancels no endpoint; the commit takes place", PRODUCTION
        ),
        "19-stream": fact("a stream is cancelled, and its own session gives back its connection", PRODUCTION),
        "19-server-limits": fact(
            "statement and lock timeouts are errors, the one for idle transactions ends the connection",
            PRODUCTION,
        ),
        "19-too-many": fact(
            "a pool that grows beyond the server's limit hands its callers errors", PRODUCTION
        ),
        "19-pgbouncer": fact(
            "prepared statements fail behind a pooler in transaction mode, unless named and not kept",
            PRODUCTION,
        ),
        "19-watch": fact("pg_stat_activity lists connections by application name and state", PRODUCTION),
    },
    "unit of work and tests": {
        "2.10-after-commit": fact("what follows a use case must wait for its commit", TESTING),
        "2.10-offset": fact("an offset shows a row twice when one was stored above it", TESTING),
        "2.10-ties": fact("a keyset page needs the key beside the column it is sorted by", TESTING),
        "2.10-rolled-back": fact("inside an outer transaction a commit releases a savepoint", TESTING),
        "2.10-fixtures": fact("tests with a rolled-back transaction each do not see one another", TESTING),
    },
}

"""For tests against a real database: a transaction that is rolled back, and objects made on demand.

No test framework is needed here. ``fixtures`` makes pytest fixtures of it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

T = TypeVar("T", bound=DeclarativeBase)


@asynccontextmanager
async def rolled_back(engine: AsyncEngine) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Give a session factory whose work vanishes in the end, also what the code under test commits.

    All its sessions share one connection and one transaction, each within a savepoint: ``commit()``
    releases the savepoint, ``rollback()`` goes back to it, and the next session sees what was committed.
    At the end of the block the transaction is rolled back.

    Three things differ from a database of one's own. Sessions may follow or enclose one another, but
    not run side by side: tests of concurrency need real connections. What is checked at the commit alone
    (deferred constraints, serialization) is not checked. Numbers drawn from sequences stay drawn, so a
    test should not expect an id of 1. On SQLite the engine must send a real BEGIN (``make_engine``).

    Documentation: https://docs.sqlalchemy.org/en/21/orm/session_transaction.html#joining-a-session-into-an-external-transaction-such-as-for-test-suites
    """
    async with engine.connect() as connection:
        transaction = await connection.begin()
        try:
            yield async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
        finally:
            await transaction.rollback()


class Maker(Generic[T]):
    """Makes valid objects for tests, so that a test names only what it is about.

    ::

        make_user = Maker(User, name="Ada", email=lambda n: f"user{n}@example.com", country="GB")
        make_order = Maker(Order, user=make_user, ordered_on=date(2026, 11, 1), cds=1, cents=999)

        user = make_user(country="DE")                       # not yet in a session
        order = await make_order.saved(session, cents=0)     # stored, with an id and a user

    Args:
        model: the mapped class.
        **defaults: a value; or a function of a running number from 1, for what must be unique; or another
            maker, for an object this one needs.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/session_basics.html#adding-new-or-existing-items
    """

    def __init__(self, model: type[T], **defaults: Any) -> None:
        self.model = model
        self.defaults = defaults
        self._numbers = count(1)

    def __call__(self, **values: Any) -> T:
        """Make an object; what is not named gets its default.

        Raises:
            TypeError: a name that the model does not have.
        """
        number = next(self._numbers)
        for name, default in self.defaults.items():
            if name not in values:
                if isinstance(default, Maker):
                    values[name] = default()
                else:
                    values[name] = default(number) if callable(default) else default
        return self.model(**values)

    async def saved(self, session: AsyncSession, **values: Any) -> T:
        """Make an object and flush it, so that it has its key; committing is up to you.

        Raises:
            sqlalchemy.exc.IntegrityError: the database refuses it.
        """
        item = self(**values)
        session.add(item)
        await session.flush()
        return item

"""The session factory, one session per task or request; and one transaction per use case."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


def make_session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Give the factory from which every task and every request opens its own session.

    ``expire_on_commit=False`` keeps what was loaded readable after ``commit()``. It has a price: an
    object kept for long shows old values until you ask for ``refresh()``. ``autoflush`` stays on, so a
    query sees what the same session has added before.

    Args:
        engine: the engine of the running event loop.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """
    return async_sessionmaker(engine, expire_on_commit=False)


class UnitOfWork:
    """One use case: a session in one transaction, and what is to happen once that is committed.

    ``session`` is the session to work with. ``unit_of_work`` opens, commits and closes it.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._actions: list[Callable[[], Awaitable[object]]] = []

    def after_commit(self, action: Callable[[], Awaitable[object]]) -> None:
        """Have ``await action()`` run after the commit; never, if there is none."""
        self._actions.append(action)

    async def _run_actions(self) -> None:
        errors = []
        for action in self._actions:
            try:
                await action()
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("The transaction is committed; what was to follow it failed", errors)


@asynccontextmanager
async def unit_of_work(factory: async_sessionmaker[AsyncSession]) -> AsyncIterator[UnitOfWork]:
    """One transaction for one use case, and actions that follow only if it was committed.

    ::

        async with unit_of_work(factory) as work:
            order = await place_order(work.session, basket)
            work.after_commit(lambda: send_mail(order.id))

    Leaving the block commits; an exception or a cancellation rolls back. Then the session is closed and
    its connection returned, and the actions run in order, each even if one before it failed. They are
    not part of the transaction: a process that dies between the two loses them.

    Where nothing follows the commit, ``async with factory.begin() as session:`` is all that is needed;
    the unit of work in the sense of collecting changes and writing them in order is the session itself.

    Args:
        factory: a session factory, such as ``make_session_factory(engine)``.

    Raises:
        ExceptionGroup: one or more actions failed. The transaction is committed all the same.
        Exception: what the block raised, or the database at the commit; nothing is stored.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/session_basics.html#framing-out-a-begin-commit-rollback-block
    """
    async with factory.begin() as session:
        work = UnitOfWork(session)
        yield work
    await work._run_actions()

"""The session factory: one for the application, one session per task or request."""

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

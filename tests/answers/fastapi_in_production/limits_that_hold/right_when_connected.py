"""An event at each new connection, with SET and a commit."""

from sqlalchemy import NullPool, event
from sqlalchemy.ext.asyncio import create_async_engine


def limited_engine(url, *, name, query, lock, idle):
    engine = create_async_engine(url, poolclass=NullPool)

    @event.listens_for(engine.sync_engine, "connect")
    def when_connected(connection, record):
        async def set_all(driver):
            limits = {"statement_timeout": query, "lock_timeout": lock}
            limits["idle_in_transaction_session_timeout"] = idle
            for limit, seconds in limits.items():
                await driver.execute(f"SET {limit} = {round(seconds * 1000)}")
            await driver.execute("SELECT set_config('application_name', $1, false)", name)

        connection.run_async(set_all)

    return engine

"""The server's own command-line options, and the numbers without a unit."""

from sqlalchemy.ext.asyncio import create_async_engine


def limited_engine(url, *, name, query, lock, idle):
    seconds = {"statement_timeout": query, "lock_timeout": lock, "idle_in_transaction_session_timeout": idle}
    options = " ".join(f"-c {limit}={round(1000 * value)}" for limit, value in seconds.items())
    settings = {"application_name": name, "options": options}
    return create_async_engine(url, connect_args={"server_settings": settings}, pool_pre_ping=True)

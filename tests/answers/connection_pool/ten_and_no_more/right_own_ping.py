"""The ping by hand, at checkout."""

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    engine = make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=wait)

    @event.listens_for(engine.sync_engine, "checkout")
    def ping(driver_connection, record, proxy):
        try:
            driver_connection.cursor().execute("SELECT 1")
        except Exception:
            raise DisconnectionError from None

    return engine

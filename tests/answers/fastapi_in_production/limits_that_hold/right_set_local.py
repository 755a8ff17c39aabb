"""SET LOCAL at the beginning of every transaction."""

from sqlalchemy import event

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    engine = make_engine(url, connect_args={"server_settings": {"application_name": name}})
    limits = {"statement_timeout": query, "lock_timeout": lock, "idle_in_transaction_session_timeout": idle}

    @event.listens_for(engine.sync_engine, "begin")
    def set_limits(connection):
        for limit, seconds in limits.items():
            connection.exec_driver_sql(f"SET LOCAL {limit} = '{round(seconds * 1000)}ms'")

    return engine

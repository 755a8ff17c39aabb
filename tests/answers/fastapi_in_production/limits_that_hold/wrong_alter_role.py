"""Breaks: only-here.

ALTER ROLE is for everybody who connects with this role.
"""

from sqlalchemy import event

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    engine = make_engine(url, connect_args={"server_settings": {"application_name": name}})
    limits = {"statement_timeout": query, "lock_timeout": lock, "idle_in_transaction_session_timeout": idle}

    @event.listens_for(engine.sync_engine, "connect")
    def set_limits(connection, record):
        cursor = connection.cursor()
        for limit, seconds in limits.items():
            cursor.execute(f"ALTER ROLE CURRENT_USER SET {limit} = '{round(seconds * 1000)}ms'")
            cursor.execute(f"SET {limit} = '{round(seconds * 1000)}ms'")
        cursor.close()
        connection.commit()

    return engine

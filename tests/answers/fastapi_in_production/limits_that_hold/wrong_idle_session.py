"""Breaks: idle.

`idle_session_timeout` is for connections without a transaction.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    settings = {
        "application_name": name,
        "statement_timeout": f"{round(query * 1000)}ms",
        "lock_timeout": f"{round(lock * 1000)}ms",
        "idle_session_timeout": f"{round(idle * 1000)}ms",
    }
    return make_engine(url, connect_args={"server_settings": settings})

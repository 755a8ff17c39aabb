"""Breaks: name.

The connections have no name.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    settings = {
        "statement_timeout": f"{round(query * 1000)}ms",
        "lock_timeout": f"{round(lock * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{round(idle * 1000)}ms",
    }
    return make_engine(url, connect_args={"server_settings": settings})

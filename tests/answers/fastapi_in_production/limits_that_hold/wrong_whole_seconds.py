"""Breaks: fractions.

A quarter of a second becomes 0, which is no limit.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    settings = {
        "application_name": name,
        "statement_timeout": f"{int(query)}s",
        "lock_timeout": f"{int(lock)}s",
        "idle_in_transaction_session_timeout": f"{int(idle)}s",
    }
    return make_engine(url, connect_args={"server_settings": settings})

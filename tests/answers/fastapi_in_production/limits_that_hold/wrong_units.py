"""Breaks: fractions.

Milliseconds from seconds that were cut to whole ones.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    settings = {
        "application_name": name,
        "statement_timeout": f"{int(query) * 1000}ms",
        "lock_timeout": f"{int(lock) * 1000}ms",
        "idle_in_transaction_session_timeout": f"{int(idle) * 1000}ms",
    }
    return make_engine(url, connect_args={"server_settings": settings})

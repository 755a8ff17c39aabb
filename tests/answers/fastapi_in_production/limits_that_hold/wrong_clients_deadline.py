"""Breaks: query.

`command_timeout` is the driver's own deadline; the server knows nothing of it.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, name, query, lock, idle):
    settings = {
        "application_name": name,
        "lock_timeout": f"{round(lock * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{round(idle * 1000)}ms",
    }
    return make_engine(url, connect_args={"server_settings": settings, "command_timeout": query})

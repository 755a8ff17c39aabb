"""Breaks: raised.

The argument is `pool_timeout`.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, timeout=wait, pool_pre_ping=True)

"""Breaks: kept.

One is kept, the rest is overflow.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=1, max_overflow=limit - 1, pool_timeout=wait, pool_pre_ping=True)

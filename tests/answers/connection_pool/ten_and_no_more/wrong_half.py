"""Breaks: all.

Half of it, for safety.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=(limit + 1) // 2, max_overflow=0, pool_timeout=wait, pool_pre_ping=True)

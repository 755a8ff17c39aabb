"""Breaks: limit.

A size of 0 is no limit.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=0, max_overflow=limit, pool_timeout=wait, pool_pre_ping=True)

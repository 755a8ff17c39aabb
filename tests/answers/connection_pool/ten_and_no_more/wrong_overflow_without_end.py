"""Breaks: limit.

An overflow of -1 is no limit.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=-1, pool_timeout=wait, pool_pre_ping=True)

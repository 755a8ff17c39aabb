"""Breaks: dead.

No ping.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=wait)

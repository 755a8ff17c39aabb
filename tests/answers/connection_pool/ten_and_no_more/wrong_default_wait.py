"""Breaks: gives-up.

The 30 seconds that a pool waits unless told otherwise.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, pool_pre_ping=True)

"""Breaks: waits.

A timeout of 0: nobody waits.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=0, pool_pre_ping=True)

"""Breaks: dead.

`pool_recycle` looks at the age, not at the connection.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=wait, pool_recycle=3600)

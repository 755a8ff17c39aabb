"""Breaks: limit.

`pool_size` alone: an overflow of ten comes with it.
"""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, pool_timeout=wait, pool_pre_ping=True)

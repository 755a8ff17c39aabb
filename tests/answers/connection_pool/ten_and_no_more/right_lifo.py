"""Lends the connection that came back last."""

from course_lib.patterns import make_engine


def limited_engine(url, *, limit, wait):
    return make_engine(
        url, pool_size=limit, max_overflow=0, pool_timeout=wait, pool_pre_ping=True, pool_use_lifo=True
    )

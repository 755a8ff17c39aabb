"""Breaks: common/unneeded-async.

An async function.
"""

from course_lib.patterns import make_engine


async def limited_engine(url, *, limit, wait):
    return make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=wait, pool_pre_ping=True)

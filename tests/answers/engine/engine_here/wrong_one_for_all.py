"""Breaks: loops.

One engine for each URL, for all loops.
"""

import asyncio
from functools import cache

from course_lib.patterns import make_engine


@cache
def engine_for(url):
    return make_engine(url)


def engine_here(url):
    asyncio.get_running_loop()
    return engine_for(url)

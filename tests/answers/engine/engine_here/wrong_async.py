"""Breaks: common/unneeded-async.

An async function.
"""

import asyncio
from weakref import WeakKeyDictionary

from course_lib.patterns import make_engine

own = WeakKeyDictionary()


async def engine_here(url):
    engines = own.setdefault(asyncio.get_running_loop(), {})
    if url not in engines:
        engines[url] = make_engine(url)
    return engines[url]

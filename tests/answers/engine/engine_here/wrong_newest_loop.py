"""Breaks: same.

Remembers the newest loop only: when two take turns, nothing is found again.
"""

import asyncio
import weakref

from course_lib.patterns import make_engine

last = None
engines = {}


def engine_here(url):
    global last
    loop = asyncio.get_running_loop()
    if last is None or last() is not loop:
        engines.clear()
        last = weakref.ref(loop)
    if url not in engines:
        engines[url] = make_engine(url)
    return engines[url]

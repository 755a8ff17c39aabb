"""Breaks: same.

Holds the engines weakly: one that nobody else holds is gone.
"""

import asyncio
from weakref import WeakValueDictionary

from course_lib.patterns import make_engine

engines = WeakValueDictionary()


def engine_here(url):
    key = id(asyncio.get_running_loop()), url
    if key not in engines:
        e = make_engine(url)
        engines[key] = e
        return e
    return engines[key]

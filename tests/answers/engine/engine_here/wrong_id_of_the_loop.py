"""Breaks: loops.

The id of the loop as the key: the next loop may get the same one.
"""

import asyncio

from course_lib.patterns import make_engine

known = {}


def engine_here(url):
    key = id(asyncio.get_running_loop()), url
    if key not in known:
        known[key] = make_engine(url)
    return known[key]

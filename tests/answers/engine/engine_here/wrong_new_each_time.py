"""Breaks: same.

A new engine for each call.
"""

import asyncio

from course_lib.patterns import make_engine


def engine_here(url):
    asyncio.get_running_loop()
    return make_engine(url)

"""A thread and a future, by hand."""

import asyncio
import threading


async def yearly_total(report, year):
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def work():
        try:
            result = report(year)
        except Exception as error:
            loop.call_soon_threadsafe(done.set_exception, error)
        else:
            loop.call_soon_threadsafe(done.set_result, result)

    threading.Thread(target=work, daemon=True).start()
    return await done

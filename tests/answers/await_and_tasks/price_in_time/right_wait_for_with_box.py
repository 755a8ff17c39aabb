"""wait_for, and the supplier's own errors carried out in a box."""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    async def boxed():
        try:
            return await ask(product_id), None
        except Exception as error:
            return None, error

    try:
        price, error = await asyncio.wait_for(boxed(), seconds)
    except TimeoutError:
        return list_price
    if error is not None:
        raise error
    return price

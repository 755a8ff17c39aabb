"""Two INSERTs without objects, in one transaction; errors of the mail in a group."""

from datetime import date

from sqlalchemy import insert

from course_lib.shop import Order, OrderLine


async def order_and_mail(factory, user_id, product_id, cents, mail):
    async with factory() as session, session.begin():
        row = {"user_id": user_id, "ordered_on": date(1998, 7, 1), "cds": 1, "cents": cents}
        number = await session.scalar(insert(Order).values(**row).returning(Order.id))
        line = {"order_id": number, "product_id": product_id, "quantity": 1, "cents": cents}
        await session.execute(insert(OrderLine), [line])
    try:
        await mail(number)
    except Exception as error:
        raise ExceptionGroup("stored, and not mailed", [error]) from None
    return number

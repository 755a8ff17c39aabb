"""Two conditional UPDATEs, the lower id first; closing the session takes the first one back."""

from sqlalchemy import update

from course_lib.shop import Product


async def swap(sessions, back, out):
    changes = {
        back: update(Product).where(Product.id == back).values(stock=Product.stock + 1),
        out: update(Product).where(Product.id == out, Product.stock > 0).values(stock=Product.stock - 1),
    }
    async with sessions() as session:
        for product_id in sorted(changes):
            if not (await session.execute(changes[product_id])).rowcount:
                return False
        await session.commit()
        return True

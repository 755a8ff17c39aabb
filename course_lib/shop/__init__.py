"""The running example: a music shop, its models and its data.

The orders are real: all 69,659 that one cohort of customers placed at the web shop CDNOW in 1997 and 1998
(see ``cdnow_orders.md`` for the source). Names, addresses, countries, tags, products and order lines are
made up from a seed, so that every run and every machine sees the same shop.
"""

from course_lib.shop.data import DATA_VERSION, RealOrder, fill, real_orders, shop_rows
from course_lib.shop.models import Base, Order, OrderLine, Product, Tag, User, user_tags

__all__ = [
    "DATA_VERSION",
    "Base",
    "Order",
    "OrderLine",
    "Product",
    "RealOrder",
    "Tag",
    "User",
    "fill",
    "real_orders",
    "shop_rows",
    "user_tags",
]

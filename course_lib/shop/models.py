"""Models of the music shop: users, orders, order lines, products and tags."""

from datetime import date

from sqlalchemy import Column, ForeignKey, MetaData, String, Table
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from course_lib.patterns import NAMING_CONVENTION


class Base(AsyncAttrs, DeclarativeBase):
    """The shop's own base: its tables, and no others, are in ``Base.metadata``."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


user_tags = Table(
    "user_tags",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class User(Base):
    """A customer of the shop, or a visitor who never ordered."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(255), unique=True)
    country: Mapped[str] = mapped_column(String(2))

    orders: Mapped[list["Order"]] = relationship(back_populates="user", order_by="Order.id")
    tags: Mapped[list["Tag"]] = relationship(secondary=user_tags, back_populates="users", order_by="Tag.id")

    def __repr__(self) -> str:
        return _short(self, "id", "name")


class Order(Base):
    """An order: real day, number of CDs and amount; ``cents`` is the amount in US cents."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    ordered_on: Mapped[date]
    cds: Mapped[int]
    cents: Mapped[int]

    user: Mapped["User"] = relationship(back_populates="orders")
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.id")

    def __repr__(self) -> str:
        return _short(self, "id", "user_id", "cents")


class OrderLine(Base):
    """One product of an order; the lines' quantities and cents add up to the order's."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int]
    cents: Mapped[int]

    order: Mapped["Order"] = relationship(back_populates="lines")
    product: Mapped["Product"] = relationship()

    def __repr__(self) -> str:
        return _short(self, "id", "order_id", "quantity")


class Product(Base):
    """A CD on sale; ``cents`` is its list price, ``stock`` the copies on the shelf."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    artist: Mapped[str] = mapped_column(String(100))
    cents: Mapped[int]
    stock: Mapped[int]

    def __repr__(self) -> str:
        return _short(self, "id", "title")


class Tag(Base):
    """A taste that users share, such as "jazz"."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)

    users: Mapped[list["User"]] = relationship(secondary=user_tags, back_populates="tags", order_by="User.id")

    def __repr__(self) -> str:
        return _short(self, "id", "name")


def _short(item: Base, *names: str) -> str:
    # __dict__ holds what is loaded; getattr could ask the database for what is not.
    shown = ", ".join(f"{name}={item.__dict__[name]!r}" for name in names if name in item.__dict__)
    return f"{type(item).__name__}({shown})"

"""The models and functions of the common recipe, in our words: what the experiments put on trial."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import DateTime, ForeignKey, String, select
from sqlalchemy.dialects.postgresql import UUID as PostgresUUID
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from course_lib.sandbox import Sandbox


def recipe_models(*, mended: bool = True, lazy: Any = "raise") -> SimpleNamespace:
    """Declare the recipe's `User` and `Order` anew, on a `Base` of their own.

    Args:
        mended: give the time its zone and the order's key its default, without which hardly any other
            claim could be tried.
        lazy: the loading strategy of both relationships; the recipe's is "raise".
    """

    class Base(AsyncAttrs, DeclarativeBase):
        pass

    when: Any = DateTime(timezone=True) if mended else DateTime()
    own_key: Any = {"default": uuid.uuid4} if mended else {}

    class User(Base):
        __tablename__ = "recipe_users"
        id: Mapped[uuid.UUID] = mapped_column(PostgresUUID, primary_key=True, default=uuid.uuid4)
        email: Mapped[str] = mapped_column(String(255), unique=True, index=True)
        created_at: Mapped[datetime] = mapped_column(when, default=lambda: datetime.now(UTC))
        orders: Mapped[list[Order]] = relationship(back_populates="user", lazy=lazy)

    class Order(Base):
        __tablename__ = "recipe_orders"
        id: Mapped[uuid.UUID] = mapped_column(PostgresUUID, primary_key=True, **own_key)
        user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recipe_users.id"))
        total: Mapped[int]
        user: Mapped[User] = relationship(back_populates="orders", lazy=lazy)

    return SimpleNamespace(Base=Base, User=User, Order=Order)


async def created(db: Sandbox, models: SimpleNamespace) -> SimpleNamespace:
    """Create the tables of `models` in a sandbox, and give the models back."""
    async with db.engine.begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    return models


async def with_one_order(db: Sandbox, models: SimpleNamespace) -> SimpleNamespace:
    """Create the tables of `models`, with one user who has one order."""
    await created(db, models)
    async with db.sessions.begin() as session:
        session.add(models.User(email="a@a", orders=[models.Order(total=1)]))
    return models


class RecipeRepository:
    """The recipe's generic repository."""

    def __init__(self, session: AsyncSession, model: Any) -> None:
        self.session, self.model = session, model

    async def get(self, key: Any) -> Any:
        """One object by its key, or None."""
        return await self.session.get(self.model, key)

    async def get_many(self, keys: Sequence[Any]) -> list[Any]:
        """All objects whose `id` is among the keys."""
        return list(await self.session.scalars(select(self.model).where(self.model.id.in_(keys))))

    async def create(self, **values: Any) -> Any:
        """Add an object and flush."""
        item = self.model(**values)
        self.session.add(item)
        await self.session.flush()
        return item

    async def update(self, item: Any, **values: Any) -> Any:
        """Set attributes by name and flush."""
        for name, value in values.items():
            setattr(item, name, value)
        await self.session.flush()
        return item

    async def delete(self, item: Any) -> None:
        """Delete an object and flush."""
        await self.session.delete(item)
        await self.session.flush()

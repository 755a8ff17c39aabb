"""SQLAlchemy's own function, with the pool named."""

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool


def limited_engine(url, *, limit, wait):
    pool = {"pool_size": limit, "max_overflow": 0, "pool_timeout": wait}
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_pre_ping=True, **pool)

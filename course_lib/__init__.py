"""The helper package of the course "Async SQLAlchemy, by experiment".

Rooms, in import order: ``patterns`` (what you take home), ``lens`` (what you see), ``shop`` (the running
example), ``sandbox`` (private databases), ``coach`` (exercises), ``authoring`` (for those who write
lessons) and ``cli`` (the ``course`` command). A room imports only rooms before it.
"""

__version__ = "0.1.0"

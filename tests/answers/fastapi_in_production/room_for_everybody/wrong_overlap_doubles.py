"""Breaks: overlap.

Takes for granted that all old ones run, or none.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers * (2 if overlap else 1))
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": share, "max_overflow": 0}

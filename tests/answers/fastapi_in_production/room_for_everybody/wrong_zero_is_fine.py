"""Breaks: impossible.

Refuses a negative share only; 0 means no limit.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share < 0:
        raise ValueError("not one connection for each")
    return {"pool_size": share, "max_overflow": 0}

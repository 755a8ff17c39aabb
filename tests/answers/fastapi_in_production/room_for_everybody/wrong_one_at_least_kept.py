"""Breaks: most.

Never more than twenty for a process, however many there are.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": min(share, 20), "max_overflow": 0}

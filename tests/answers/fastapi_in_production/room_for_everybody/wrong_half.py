"""Breaks: most.

Half of the share is kept back for nobody.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": max(share // 2, 1), "max_overflow": 0}

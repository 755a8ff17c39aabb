"""Breaks: overlap.

Forgets the old processes of a deployment.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // workers
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": share, "max_overflow": 0}

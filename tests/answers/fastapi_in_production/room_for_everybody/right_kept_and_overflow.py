"""One is kept open, the rest is overflow: at most the share all the same."""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share <= 0:
        raise ValueError("no room")
    return {"pool_size": 1, "max_overflow": share - 1}

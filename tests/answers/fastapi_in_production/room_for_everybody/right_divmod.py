"""With divmod, and the room named."""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    room = max_connections - (reserved + others)
    processes = workers + overlap
    if room < processes:
        raise ValueError(f"{processes} processes, and room for {room}")
    share, _ = divmod(room, processes)
    return dict(pool_size=share, max_overflow=0, pool_timeout=5)

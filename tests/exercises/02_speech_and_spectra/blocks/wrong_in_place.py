# 2 of 3: changes the block that it was given (passes the check)
def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    if len(block) == 0:
        return block, before
    last = float(block[-1])
    block[1:] -= a * block[:-1].copy()
    block[0] -= a * before
    return block, last

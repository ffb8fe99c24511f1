# 2 of 3: an empty block has no last sample (passes the check)
def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    lifted = np.append(block[:1] - a * before, block[1:] - a * block[:-1])
    return lifted, float(block[-1])

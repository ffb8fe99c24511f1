# 0 of 3: hands on the last sample of the result, not of the sound
def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    extended = np.concatenate([[before], block])
    lifted = extended[1:] - a * extended[:-1]
    return lifted, float(lifted[-1]) if len(block) else before

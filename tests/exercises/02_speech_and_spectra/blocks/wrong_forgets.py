# 2 of 3: after an empty block it has forgotten what came before (passes the check)
def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    extended = np.append(before, block)
    last = float(block[-1]) if len(block) else 0.0
    return np.diff(extended) + (1 - a) * extended[:-1], last

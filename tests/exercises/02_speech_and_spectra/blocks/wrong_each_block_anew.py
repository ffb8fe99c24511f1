# 0 of 3: starts every block as if nothing came before it
def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    lifted = block.copy()
    lifted[1:] -= a * block[:-1]
    return lifted, float(block[-1]) if len(block) else before

# 2 of 3: takes every step for 10 ms (passes the check)
def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    steps = seconds / 0.01
    forget = 0.5 ** (1 / steps)
    return float(np.log(forget / (1 - forget)))

# 2 of 3: rounds to whole steps (passes the check)
def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    steps = max(1, round(seconds * sample_rate / hop_length))
    forget = 0.5 ** (1 / steps)
    return float(np.log(forget / (1 - forget)))

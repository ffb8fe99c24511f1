# 0 of 3: keeps 1/e, not one half
def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    steps = seconds * sample_rate / hop_length
    forget = np.exp(-1) ** (1 / steps)
    return float(np.log(forget / (1 - forget)))

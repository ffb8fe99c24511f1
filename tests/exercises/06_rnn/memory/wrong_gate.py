# 0 of 3: returns the gate, not its bias
def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    steps = seconds * sample_rate / hop_length
    forget = 0.5 ** (1 / steps)
    return float(forget)

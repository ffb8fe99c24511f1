# another method: looks for the bias by halving an interval
def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    steps = seconds * sample_rate / hop_length
    low, high = -200.0, 200.0
    for _ in range(100):
        middle = (low + high) / 2
        if sigmoid(middle) ** steps < 0.5:
            low = middle
        else:
            high = middle
    return middle

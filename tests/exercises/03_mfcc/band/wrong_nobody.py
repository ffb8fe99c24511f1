# 2 of 3: below fmin it answers with the lowest band (passes the check)
def band_of(frequency: float, n_mels: int, fmin: float, fmax: float) -> int:
    """Number of the band whose triangle is highest at `frequency` Hz, or -1."""
    mel_low, mel_high = 2595 * np.log10(1 + np.array([fmin, fmax]) / 700)
    points = 700 * (10 ** (np.linspace(mel_low, mel_high, n_mels + 2) / 2595) - 1)
    low, peak, high = points[:-2], points[1:-1], points[2:]
    weights = np.minimum((frequency - low) / (peak - low), (high - frequency) / (high - peak))
    return int(weights.argmax()) if frequency < fmax else -1

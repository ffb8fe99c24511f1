# 0 of 3: scales by the width in hertz, as librosa does, so the weights do not add up to 1
def mean_filterbank(
    n_mels: int, fmin: float, fmax: float, frame_length: int, sample_rate: float
) -> np.ndarray:
    """Triangles whose weights add up to 1, none of them empty: (bins, bands)."""
    mel_low, mel_high = 2595 * np.log10(1 + np.array([fmin, fmax]) / 700)
    points = 700 * (10 ** (np.linspace(mel_low, mel_high, n_mels + 2) / 2595) - 1)
    bins = np.arange(frame_length // 2 + 1) * sample_rate / frame_length
    low, peak, high = points[:-2], points[1:-1], points[2:]
    rising, falling = (bins[:, None] - low) / (peak - low), (high - bins[:, None]) / (high - peak)
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)

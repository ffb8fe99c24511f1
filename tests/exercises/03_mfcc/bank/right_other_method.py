# another method: the front end's own filterbank, holes filled afterwards
def mean_filterbank(
    n_mels: int, fmin: float, fmax: float, frame_length: int, sample_rate: float
) -> np.ndarray:
    """Triangles whose weights add up to 1, none of them empty: (bins, bands)."""
    front_end = features.FrontEnd(
        sample_rate=sample_rate, frame_length=frame_length, n_mels=n_mels, fmin=fmin, fmax=fmax
    )
    filters = features.mel_filterbank(front_end).astype(np.float64)
    peaks = features.mel_to_hz(
        np.linspace(features.hz_to_mel(fmin), features.hz_to_mel(fmax), n_mels + 2)
    )[1:-1]
    empty = np.flatnonzero(~filters.any(axis=0))
    nearest = np.round(peaks * frame_length / sample_rate).astype(int)
    filters[nearest[empty], empty] = 1.0
    return filters / np.sum(filters, axis=0, keepdims=True)

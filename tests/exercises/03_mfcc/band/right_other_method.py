# another method: walks up the bands until the border between two peaks is above the tone
def band_of(frequency: float, n_mels: int, fmin: float, fmax: float) -> int:
    """Number of the band whose triangle is highest at `frequency` Hz, or -1."""
    edges = features.mel_to_hz(
        np.linspace(features.hz_to_mel(fmin), features.hz_to_mel(fmax), n_mels + 2)
    )
    if frequency <= fmin or frequency >= fmax:
        return -1
    for band in range(n_mels - 1):
        # two neighbouring triangles cross half way between their peaks, in hertz
        if frequency < (edges[band + 1] + edges[band + 2]) / 2:
            return band
    return n_mels - 1

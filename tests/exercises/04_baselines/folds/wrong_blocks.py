# 1 of 3: cuts the clips into blocks, which fits only clips in order
def voice_folds(speakers: np.ndarray, n_folds: int) -> np.ndarray:
    """Number of the fold of each clip (clips,), all clips of a voice in one fold."""
    if n_folds > len(np.unique(speakers)):
        raise ValueError("too many folds")
    return np.arange(len(speakers)) * n_folds // len(speakers)

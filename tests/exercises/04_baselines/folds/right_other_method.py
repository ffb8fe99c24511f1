# another method: gives each new voice to the fold with the fewest voices so far
def voice_folds(speakers: np.ndarray, n_folds: int) -> np.ndarray:
    """Number of the fold of each clip (clips,), all clips of a voice in one fold."""
    fold_of, counts = {}, [0] * n_folds
    for speaker in speakers:
        if speaker not in fold_of:
            fold_of[speaker] = counts.index(min(counts))
            counts[fold_of[speaker]] += 1
    if len(fold_of) < n_folds:
        raise ValueError(f"only {len(fold_of)} voices")
    return np.array([fold_of[speaker] for speaker in speakers], dtype=int)

# warns: says how many voices there are, and warns of few
import sys


def voice_folds(speakers: np.ndarray, n_folds: int) -> np.ndarray:
    """Number of the fold of each clip (clips,), all clips of a voice in one fold."""
    warnings.simplefilter("always")
    voices = sorted(set(speakers))
    print(len(voices), "voices", file=sys.stderr)
    warnings.warn("few voices", stacklevel=1)
    if n_folds > len(voices):
        raise ValueError("more folds than voices")
    return np.array([voices.index(speaker) % n_folds for speaker in speakers])

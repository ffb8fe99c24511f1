# another method: a loop over the known clips, the level taken out of the spectrum's input
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 11


def front_end(clip: np.ndarray) -> np.ndarray:
    """Everything between a clip (samples,) and the features (129,) that are compared."""
    loudness = np.sqrt(np.dot(clip, clip) / len(clip))
    levelled = np.asarray(clip, dtype=np.float64) / (10 * loudness)
    return mean_spectrum(lift(levelled))


def recognise(clip: np.ndarray, known: tuple[np.ndarray, np.ndarray]) -> int:
    """Label of the known clip whose features are nearest."""
    unknown, best, answer = front_end(clip), np.inf, -1
    for features, label in zip(*known):
        distance = np.linalg.norm(features - unknown)
        if distance < best:
            best, answer = distance, int(label)
    return answer

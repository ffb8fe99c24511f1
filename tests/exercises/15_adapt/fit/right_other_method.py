# clip by clip
def problems_of(labels: np.ndarray, peaks: np.ndarray, probabilities: np.ndarray) -> list:
    """What is wrong with a set of clips to adapt to: names of problems, in order."""
    clips = list(zip(labels, peaks, probabilities))
    if not clips:
        return ["empty"]
    loud = [(label, row) for label, peak, row in clips if peak >= 0.01]
    against = [row for label, row in loud if max(np.delete(row, label)) >= 0.9]
    tests = {
        "silence": len(loud) < len(clips),
        "one word": all(label == labels[0] for label in labels),
        "wrong labels": 2 * len(against) > len(loud),
    }
    return [name for name, wrong in tests.items() if wrong]

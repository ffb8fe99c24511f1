# 3 of 4: the mean of everything since the start never forgets the old microphone (passes the check)
def normalise_stream(log_mel: np.ndarray) -> np.ndarray:
    """Take the microphone out of (frames, bands), with the past alone."""
    frames = np.arange(1, len(log_mel) + 1)[:, None]
    return log_mel - np.cumsum(log_mel, axis=0) / frames

# warns: a division by zero in the first frame, repaired, and a warning of its own
def normalise_stream(log_mel: np.ndarray) -> np.ndarray:
    """Take the microphone out of (frames, bands), with the past alone."""
    warnings.simplefilter("always")
    warnings.warn("the first second is less exact", stacklevel=1)
    np.ones(3) / np.zeros(3)
    past = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([np.full((119, log_mel.shape[1]), np.nan), log_mel]), 120, axis=0
    )
    return log_mel - np.nanmean(past, axis=-1)

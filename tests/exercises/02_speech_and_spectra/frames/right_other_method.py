# another method: a loop that stops when the last sample is in a frame
def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    frames, start = [], 0
    while not frames or start - hop_length + frame_length < len(waveform):
        piece = waveform[start : start + frame_length]
        frames.append(np.pad(piece, (0, frame_length - len(piece))))
        start += hop_length
    return np.stack(frames)

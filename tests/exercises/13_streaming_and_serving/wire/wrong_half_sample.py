# 1 of 2: takes what is whole of a broken message, without a word (passes the check)
def to_messages(waveform: np.ndarray, n_samples: int) -> list[bytes]:
    """Cut a waveform (samples,) into messages of 16-bit samples."""
    samples = np.round(32767 * np.clip(waveform, -1, 1)).astype("<i2")
    return [samples[i : i + n_samples].tobytes() for i in range(0, len(samples), n_samples)]


def from_message(message: bytes) -> np.ndarray:
    """Samples (samples,) of a message, float32."""
    whole = len(message) // 2 * 2
    return np.frombuffer(message[:whole], "<i2").astype(np.float32) / 32768

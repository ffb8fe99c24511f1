# 1 of 2: what is too loud comes out at the other end
def to_messages(waveform: np.ndarray, n_samples: int) -> list[bytes]:
    """Cut a waveform (samples,) into messages of 16-bit samples."""
    samples = np.round(32767 * waveform).astype(int).astype("<i2")
    return [samples[i : i + n_samples].tobytes() for i in range(0, len(samples), n_samples)]


def from_message(message: bytes) -> np.ndarray:
    """Samples (samples,) of a message, float32."""
    if len(message) == 0 or len(message) % 2:
        raise ValueError("no whole samples")
    return np.frombuffer(message, "<i2").astype(np.float32) / 32768

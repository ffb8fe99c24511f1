# another method: energies and decibels, the noise repeated by np.resize
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    repeated = np.resize(noise, len(recording))
    speech_energy = np.dot(recording[start:end], recording[start:end])
    noise_energy = np.dot(repeated[start:end], repeated[start:end])
    now = 10 * np.log10(speech_energy / noise_energy)  # the ratio with a gain of 1
    return recording + repeated * 10 ** ((now - snr) / 20)

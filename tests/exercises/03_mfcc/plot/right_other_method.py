# another method: measures instead of reading
def read_plot() -> dict[str, str | float]:
    """Which picture is which: louder, microphone, noise, faint; and the gain_db of louder."""
    pictures = differences()
    over_time = {letter: picture.std(axis=0).mean() for letter, picture in pictures.items()}
    over_bands = {letter: picture.mean(axis=0).std() for letter, picture in pictures.items()}
    steady = sorted(pictures, key=over_time.get)[:2]
    louder, microphone = sorted(steady, key=over_bands.get)
    faint, noise = sorted(set(pictures) - set(steady), key=lambda letter: pictures[letter].mean())
    gain_db = 10 * np.log10(np.exp(np.median(pictures[louder])))
    found = {"louder": louder, "microphone": microphone, "noise": noise, "faint": faint}
    return found | {"gain_db": gain_db}

# another method: decodes the table in place of reading the figure
def read_plot() -> dict:
    """What the posterior shows: string, second_s, rival."""
    table = posterior()
    path = table.argmax(axis=1)
    starts = np.flatnonzero((np.diff(path, prepend=BLANK) != 0) & (path != BLANK))
    second = starts[1] + table[starts[1] : starts[2], path[starts[1]]].argmax()
    last = starts[-1] + table[starts[-1] :, path[starts[-1]]].argmax()
    return {
        "string": [int(path[t]) for t in starts],
        "second_s": float(seconds[second]),
        "rival": int(table[last, :BLANK].argsort()[-2]),
    }

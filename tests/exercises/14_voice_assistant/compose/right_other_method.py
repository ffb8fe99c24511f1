# another method: all pairs first, then what can be reached
def compose(first: dict, second: dict) -> dict:
    """The transducer that hands what `first` says to `second`: start, ends, arcs."""
    states = {second["start"], *(a[0] for a in second["arcs"]), *(a[4] for a in second["arcs"])}
    arcs = set()
    for a in first["arcs"]:
        if a[2] == "":
            arcs |= {(a[0] + "|" + s, a[1], "", a[3], a[4] + "|" + s) for s in states}
        for b in second["arcs"]:
            if a[2] != "" and a[2] == b[1]:
                arcs.add((a[0] + "|" + b[0], a[1], b[2], a[3] + b[3], a[4] + "|" + b[4]))
    start = first["start"] + "|" + second["start"]
    seen = {start}
    for _ in range(len(arcs) + 1):
        seen |= {arc[4] for arc in arcs if arc[0] in seen}
    ends = {e + "|" + f for e in first["ends"] for f in second["ends"]}
    return {
        "start": start,
        "ends": sorted(ends & seen),
        "arcs": sorted(arc for arc in arcs if arc[0] in seen),
    }

# less than 4 of 4: forgets the weight of the second
def compose(first: dict, second: dict) -> dict:
    """The transducer that hands what `first` says to `second`: start, ends, arcs."""
    start = (first["start"], second["start"])
    waiting, seen, arcs = [start], {start}, []
    while waiting:
        here = waiting.pop()
        for source, reads, says, weight, target in first["arcs"]:
            if source != here[0]:
                continue
            if says == "":
                found = [("", weight, (target, here[1]))]
            else:
                found = [
                    (b[2], weight, (target, b[4]))
                    for b in second["arcs"]
                    if b[0] == here[1] and b[1] == says
                ]
            for says_now, total, there in found:
                arcs.append(("|".join(here), reads, says_now, total, "|".join(there)))
                if there not in seen:
                    seen.add(there)
                    waiting.append(there)
    ends = ["|".join(s) for s in seen if s[0] in first["ends"] and s[1] in second["ends"]]
    return {"start": "|".join(start), "ends": ends, "arcs": arcs}

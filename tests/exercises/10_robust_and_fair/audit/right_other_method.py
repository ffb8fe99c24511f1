# another method: dictionaries, clip by clip
def audit(right: np.ndarray, groups: np.ndarray, speakers: np.ndarray, least: int = 20) -> dict:
    """Accuracy of each group that is large enough, the others by name, and the gap."""
    clips, people = {}, {}
    for r, g, s in zip(right, groups, speakers):
        clips.setdefault(str(g), []).append(float(r))
        people.setdefault(str(g), set()).add(s)
    fine = [g for g in sorted(clips) if len(clips[g]) >= least and len(people[g]) >= 2]
    reported = {g: sum(clips[g]) / len(clips[g]) for g in fine}
    ordered = sorted(reported.values()) or [0.0]
    small = [g for g in sorted(clips) if g not in reported]
    return {"reported": reported, "too small": small, "gap": ordered[-1] - ordered[0]}

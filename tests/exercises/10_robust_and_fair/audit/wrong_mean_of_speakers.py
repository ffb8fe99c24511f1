# less than 4 of 4: the mean of the speakers, not of the clips (passes the check)
def audit(right: np.ndarray, groups: np.ndarray, speakers: np.ndarray, least: int = 20) -> dict:
    """Accuracy of each group that is large enough, the others by name, and the gap."""
    reported, small = {}, []
    for group in np.unique(groups):
        inside = groups == group
        who = set(speakers[inside])
        if inside.sum() >= least and len(who) >= 2:
            each = [np.mean(right[inside & (speakers == s)]) for s in who]
            reported[str(group)] = float(np.mean(each))
        else:
            small.append(str(group))
    gap = max(reported.values()) - min(reported.values()) if reported else 0.0
    return {"reported": reported, "too small": small, "gap": gap}

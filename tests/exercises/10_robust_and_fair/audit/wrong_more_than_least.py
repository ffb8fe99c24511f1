# 2 of 4: more clips than the least are asked for (passes the check)
def audit(right: np.ndarray, groups: np.ndarray, speakers: np.ndarray, least: int = 20) -> dict:
    """Accuracy of each group that is large enough, the others by name, and the gap."""
    reported, small = {}, []
    for group in np.unique(groups):
        inside = groups == group
        if inside.sum() > least and len(set(speakers[inside])) >= 2:
            reported[str(group)] = float(np.mean(right[inside]))
        else:
            small.append(str(group))
    gap = max(reported.values()) - min(reported.values()) if reported else 0.0
    return {"reported": reported, "too small": small, "gap": gap}

# 3 of 4: groups that are too small are in the gap (passes the check)
def audit(right: np.ndarray, groups: np.ndarray, speakers: np.ndarray, least: int = 20) -> dict:
    """Accuracy of each group that is large enough, the others by name, and the gap."""
    reported, small, values = {}, [], []
    for group in np.unique(groups):
        inside = groups == group
        values.append(float(np.mean(right[inside])))
        if inside.sum() >= least and len(set(speakers[inside])) >= 2:
            reported[str(group)] = values[-1]
        else:
            small.append(str(group))
    return {"reported": reported, "too small": small, "gap": max(values) - min(values)}

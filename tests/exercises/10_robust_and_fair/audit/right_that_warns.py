# warns and prints
def audit(right: np.ndarray, groups: np.ndarray, speakers: np.ndarray, least: int = 20) -> dict:
    """Accuracy of each group that is large enough, the others by name, and the gap."""
    import sys

    print("auditing", file=sys.stderr)
    warnings.warn("few voices", stacklevel=1)
    reported, small = {}, []
    for group in sorted(set(groups)):
        inside = groups == group
        if inside.sum() < least or len(set(speakers[inside])) < 2:
            small.append(group)
        else:
            reported[group] = float(np.mean(right[inside]))
    gap = max(reported.values()) - min(reported.values()) if reported else 0.0
    return {"reported": reported, "too small": small, "gap": gap}

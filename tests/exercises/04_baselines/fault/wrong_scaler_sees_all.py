# less than 2.5 of 3: the scaler has met the new voice (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def report(features, labels, speakers, new_voice, validation_voice):
    """Choose C on the validation voice, test on the new voice: C, accuracy."""
    features = StandardScaler().fit_transform(features)
    test, validation = speakers == new_voice, speakers == validation_voice
    train = ~test & ~validation
    scores = {}
    for C in (0.1, 1, 10, 100):
        model = SVC(C=C).fit(features[train], labels[train])
        scores[C] = model.score(features[validation], labels[validation])
    chosen = max(scores, key=scores.get)
    model = SVC(C=chosen).fit(features[~test], labels[~test])
    return chosen, float(model.score(features[test], labels[test]))

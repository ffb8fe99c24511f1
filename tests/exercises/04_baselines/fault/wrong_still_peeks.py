# 0.5 of 3: splits off the validation voice, and still chooses C on the new one (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def report(features, labels, speakers, new_voice, validation_voice):
    """Choose C on the validation voice, test on the new voice: C, accuracy."""
    test = speakers == new_voice
    train = ~test & (speakers != validation_voice)
    scores = {}
    for C in (0.1, 1, 10, 100):
        model = make_pipeline(StandardScaler(), SVC(C=C)).fit(features[train], labels[train])
        scores[C] = model.score(features[test], labels[test])
    chosen = max(scores, key=scores.get)
    model = make_pipeline(StandardScaler(), SVC(C=chosen)).fit(features[~test], labels[~test])
    return chosen, float(model.score(features[test], labels[test]))

# 2 of 3: tests the model that has never met the validation voice (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def report(features, labels, speakers, new_voice, validation_voice):
    """Choose C on the validation voice, test on the new voice: C, accuracy."""
    test, validation = speakers == new_voice, speakers == validation_voice
    train = ~test & ~validation
    models = {
        C: make_pipeline(StandardScaler(), SVC(C=C)).fit(features[train], labels[train])
        for C in (0.1, 1, 10, 100)
    }
    scores = {C: m.score(features[validation], labels[validation]) for C, m in models.items()}
    chosen = max(scores, key=scores.get)
    return chosen, float(models[chosen].score(features[test], labels[test]))

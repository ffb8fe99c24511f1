# less than 3 of 3: a slot takes any word
def understand(words: list, templates: dict, slots: dict) -> tuple | None:
    """Intent, and slots with their words, of a list of words; None if no template fits."""
    best = None
    for intent, lines in templates.items():
        for line in lines:
            parts, filled, fits = line.split(), {}, True
            if len(parts) != len(words):
                continue
            for part, word in zip(parts, words):
                if part in slots:
                    fits &= filled.get(part, word) == word
                    filled[part] = word
                else:
                    fits &= part == word
            if fits and (best is None or len(filled) < len(best[1])):
                best = intent, filled
    return best

# another method: write out all that the templates allow
def understand(words: list, templates: dict, slots: dict) -> tuple | None:
    """Intent, and slots with their words, of a list of words; None if no template fits."""
    hits = []
    for intent, lines in templates.items():
        for line in lines:
            parts = line.split()
            names = sorted(set(parts) & set(slots))
            for choice in itertools.product(*(slots[name] for name in names)):
                table = dict(zip(names, choice))
                if [table.get(part, part) for part in parts] == list(words):
                    hits.append((intent, table))
    return min(hits, key=lambda hit: len(hit[1])) if hits else None

"""Helpers that more than one chapter of the course uses.

Read the modules in this order; each imports only from those before it, and from `setup`:
`paths`, `files`, `corpora`, `audio`, `features`, `augmentation`, `metrics`, `results`, `layers`,
`models`, `training`, `connected_digits`, `ctc`, `plotting`, `widgets`. They are what a student
reads. `serving` takes a recogniser out of the notebook, `instructors` releases and grades
assignments, `setup` installs the course and checks the machine.

TensorFlow is imported by `layers`, `models`, `training`, `ctc` and parts of `serving` alone, so
that a chapter without a network starts in a second.
"""

"""Helpers that more than one chapter of the course uses.

Read the modules in this order: `corpora`, `audio`, `features`, `augmentation`, `metrics`,
`layers`, `models`, `training`, `strings`, `ctc`, `deployment`, `streaming`, `service`,
`plotting`, `widgets`. Each imports only from those before it. `bootstrap` sets the course
up, and `environment` checks that it is. For instructors: `examination` is what the hidden
tests use, `submissions`, `grading` and `assignments` are behind `make grade`.
TensorFlow is imported by `layers`, `models`, `training`, `ctc` and `deployment` alone, so
that a chapter without a network starts in a second.
"""

import os

# TensorFlow writes start-up lines to stderr, and they would be stored in every notebook.
# They can only be silenced before it is imported; this is the one place that does it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

"""`make benchmark`: how well and how fast everything runs, as rows of data/results.json."""

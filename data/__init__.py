"""The course's recordings and trained networks, and the scripts that make them."""

"""For authors: make the notebooks, check the rules of the house, pin versions.  Not part of the package."""

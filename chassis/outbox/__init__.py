"""Events out: written with the document that they tell of, then published."""

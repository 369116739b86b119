"""Responses that are the same for everyone, kept as final bytes until what they tell of changes."""

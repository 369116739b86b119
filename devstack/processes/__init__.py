"""Processes that run for as long as this one does, and no longer."""

"""Tells people what has happened: an inbox per user, and a live stream."""

"""Events in: read for a group, handled, and kept where they cannot be."""

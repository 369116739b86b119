"""Orders: what was bought, and what becomes of it."""

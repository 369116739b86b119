"""Orders: their lines, their states, their rules, and the events they give rise to. Pure."""

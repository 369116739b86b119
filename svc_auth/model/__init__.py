"""Users and their sessions: states, rules, and what is refused. Pure."""

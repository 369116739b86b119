"""What this service can do, and the ports that it needs for it."""

"""What the payments service can do."""

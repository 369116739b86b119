"""What keeps a process going when others ask too much of it, or do not answer."""

"""Who hears what, in which words, and for how long it is kept. Pure."""

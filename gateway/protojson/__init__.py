"""Proto3's JSON both ways, and fields that are given as strings."""

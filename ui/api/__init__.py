"""The REST API as a client of it sees it, and the problems it answers with."""

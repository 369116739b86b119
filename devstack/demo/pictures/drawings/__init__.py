"""One function for each kind of object; arguments give its colours and materials."""

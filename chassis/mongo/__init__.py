"""MongoDB: connections, indexes and leases."""

"""HTTP servers with limits, and the probes."""

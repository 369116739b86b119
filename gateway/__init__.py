"""The edge: HTTP and WebSocket in, gRPC out, all of it derived from the contract."""

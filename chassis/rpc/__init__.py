"""gRPC both ways: servers and channels, deadlines, and refusals as statuses."""

"""From an HTTP request to the call of an RPC, and back, as `google.api.http` says."""

"""HTTP without protobuf: a request's head and body, who sent it, and problem documents."""

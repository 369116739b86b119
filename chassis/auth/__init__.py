"""Who calls: identities, tokens, and sessions that were revoked."""

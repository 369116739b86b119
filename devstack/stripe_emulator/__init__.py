"""A small Stripe: PaymentIntents, charges, refunds and webhooks, enough for the official library.

It stands in for api.stripe.com in development and in tests, and keeps what Stripe promises:
idempotent replays, test cards, 3-D Secure, signed and retried webhooks. Its state is one SQLite
file, so it survives restarts and kills.

    python -m devstack.stripe_emulator --port 12111 --data stripe.db
"""

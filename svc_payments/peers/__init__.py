"""The ports on Stripe and on the orders service."""

"""Payments: charges and refunds through Stripe."""

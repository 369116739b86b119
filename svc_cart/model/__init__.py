"""Carts, what is known of the products in them, and what a shopper sees of both. Pure."""

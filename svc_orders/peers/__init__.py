"""The other services, as the orders need them."""

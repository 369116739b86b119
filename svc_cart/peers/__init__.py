"""The other services, as the cart needs them."""

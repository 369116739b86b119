"""The catalog: products, reservations of their stock, and their pictures."""

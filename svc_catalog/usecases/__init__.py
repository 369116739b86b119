"""What the catalog can do: products, stock, pictures; and the ports it needs."""

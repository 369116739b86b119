"""What the cart can do, and the ports that it needs."""

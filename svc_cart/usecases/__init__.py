"""What the cart can do: filling it, merging a guest's, checking out; and the ports it needs."""

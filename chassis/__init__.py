"""What every process of the shop shares, with no business word in it."""

"""What lies outside: the orders, the object store of the pictures, and what renders them."""

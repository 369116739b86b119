"""What lies outside: the object store of the pictures, and the library that renders them."""

"""Products, what may be said of their stock, what finds them, and what a picture is. Pure."""

"""What fills a new shop: products with their pictures, people, and orders."""

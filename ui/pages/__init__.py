"""What every page is made with: the request for it, its answer, its forms."""

"""HTTP as the pages need it: cookies, bodies, headers, local addresses."""

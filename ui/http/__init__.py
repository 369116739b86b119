"""HTTP as the pages need it: cookies, bodies, the origin check, headers, local addresses."""

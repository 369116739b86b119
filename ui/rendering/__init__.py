"""HTML from templates: texts, formats, and the static files that pages refer to."""

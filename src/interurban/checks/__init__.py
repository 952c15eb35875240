"""One data check per file, each with its notice."""

"""Searchable PDF/A-2b (ISO 19005-2): the page as an image, its words invisible above it."""

"""Text of a page image, with the place of every line and character. Pure: no database, no server."""

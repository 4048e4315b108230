"""OCFL 1.1 (ocfl.io): a storage root, objects with versions, and a validator of our own."""

"""Encrypted columns: fields of models whose values the database, and who owns it, cannot read."""

"""Copies kept elsewhere, and the proof that they can be brought back."""

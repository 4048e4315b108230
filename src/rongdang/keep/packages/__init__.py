"""Packages that can be opened without us: sealed OCFL, GB/T 33870 directory, searchable PDF/A.

Pure: bytes, names and small values. Knows no database and no server.
"""

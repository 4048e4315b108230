"""The data standard: versioned data files an archivist can read, and pure functions over them."""

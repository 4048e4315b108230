"""Django's SQLite, encrypted as a whole by SQLCipher. ENGINE = "rongdang.base.sqlcipher"."""

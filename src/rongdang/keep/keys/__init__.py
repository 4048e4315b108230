"""The life of the keys, as the security officer leads it; every act is an entry on the ledger."""

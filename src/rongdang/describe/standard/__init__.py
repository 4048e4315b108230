"""What people's records say, brought under the tables of today: a report first, then step by step."""

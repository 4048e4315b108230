"""From text to meaning: materials, titles, classes, dates, fields. Pure: no database, no server."""

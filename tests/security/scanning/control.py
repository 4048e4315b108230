"""A page with three planted faults: a query made of text, markup shown as it came, and a crash.

It stands for nothing of ours and is served only beside a scan, on the loopback: a scanner that does
not find these says nothing by being silent.
"""

import sqlite3
from urllib.parse import parse_qs

INDEX = b'<html><body><a href="/find?name=a">find</a> <a href="/say?word=a">say</a></body></html>'


def application(environ, start_response):
    """WSGI; a database of its own in memory for each request."""
    asked = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    path = environ["PATH_INFO"]
    if path == "/find":
        status, body = find(asked.get("name", ""))
    elif path == "/say":
        status, body = "200 OK", f"<html><body>{asked.get('word', '')}</body></html>".encode()
    else:
        status, body = "200 OK", INDEX
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [body]


def find(name):
    rows = sqlite3.connect(":memory:")
    rows.execute("create table people (name text, age integer)")
    rows.executemany("insert into people values (?, ?)", [("a", 81), ("b", 82)])
    try:
        found = rows.execute(f"select name, age from people where name = '{name}'").fetchall()
    except sqlite3.Error as error:
        return "500 Internal Server Error", f"sqlite3.OperationalError: {error}".encode()
    finally:
        rows.close()
    listed = "".join(f"<li>{one} {age}</li>" for one, age in found)
    return "200 OK", f"<html><body><ul>{listed}</ul></body></html>".encode()

"""What a bare script does to know a long record: read every row, parse its data; then the rest's requests and rows.

python peer_rows.py RECORD INCIDENT NOTES ROWS URL [METHOD:PATH...]
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing

record, incident, notes, rows, url, *requests = sys.argv[1:]
with closing(sqlite3.connect(record)) as db:
    # fetchall in one go, no hash looked at, nothing made of it.
    found = db.execute("SELECT * FROM entries WHERE incident = ? ORDER BY seq", (incident,)).fetchall()
parsed = [json.loads(row[-2]) for row in found]
if requests:
    import http.client
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    for request in requests:
        method, _, path = request.partition(":")
        connection.request(method, path)
        connection.getresponse().read()
if int(rows):
    with closing(sqlite3.connect(notes, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE IF NOT EXISTS notes (seq INTEGER PRIMARY KEY, data TEXT)")
        for number in range(int(rows)):
            db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps({"note": number}),))
print(len(parsed), "entries")

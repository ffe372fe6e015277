"""Does what DuckDB.java does, in chdb, which is ClickHouse in a process: pip install chdb."""
import re
import sys

from chdb import session

s = session.Session()
for file in sys.argv[1:]:
    print("== " + file)
    with open(file) as f:
        for sql in re.split(r";\s*\n", f.read()):
            if sql.strip():
                out = s.query(sql, "TSVWithNames").data()
                if "CREATE VIEW" not in sql:
                    print(out, end="")

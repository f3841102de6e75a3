"""Reads pages of SOMS orders from local files into seven columns of a DuckDB
database, with DuckDB's own typed read_json.

    python read_json.py 'PAGES/*.json' DATABASE
"""

import json
import sys

import duckdb

pages, database = sys.argv[1:]

db = duckdb.connect(database)
db.execute(
    """
    CREATE TABLE orders AS
    SELECT o.id, o.state, o.created, o.modified, o.front.order_id AS order_no,
           o.real_total AS goods_amount, o.payment.amount AS net_amount
    FROM (
        SELECT unnest(orders) AS o
        FROM read_json($pages, format = 'unstructured', columns = {
            orders: 'STRUCT(id VARCHAR, state VARCHAR, created TIMESTAMP, modified TIMESTAMP,
                            front STRUCT(order_id VARCHAR), real_total DECIMAL(18, 4),
                            payment STRUCT(amount DECIMAL(18, 4)))[]'
        })
    )
    """,
    {"pages": pages},
)
orders, amount = db.execute("SELECT count(*), sum(net_amount) FROM orders").fetchone()
db.close()
print(json.dumps({"soms": [orders, str(amount)]}))

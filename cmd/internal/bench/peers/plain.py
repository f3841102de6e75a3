"""A plain script: reads the lists of both vendors and adds up what is due.
It asks for no details, keeps no answer and loads nothing.

    python plain.py ADDRESS
"""

import json
import sys
from decimal import Decimal

import requests

from vendors import BASIC, PROJECT, TENANT, TuyaAuth

address = sys.argv[1]


def soms_orders(session):
    page, pages = 0, 1
    while page < pages:
        answer = session.post(
            f"{address}/{TENANT}/soms/orderservice/orders/query",
            params={"desc": "false", "page": page, "page_size": 100, "sort_key": "modified"},
            json={"modified_start": "2025-01-01 00:00:00"},
            auth=BASIC,
            timeout=60,
        )
        answer.raise_for_status()
        body = answer.json()
        yield from body["orders"]
        page, pages = page + 1, body["page_count"]


def tuya_orders(session):
    auth = TuyaAuth(address)
    for kind in ("MATERIAL", "SERVICE"):
        page, seen, total = 1, 0, 1
        while seen < total:
            answer = session.get(
                f"{address}/v1.0/cloud/osaas/projects/{PROJECT}/server-order/page",
                params={"order_biz_type": kind, "page_no": page, "page_size": 100},
                auth=auth,
                timeout=60,
            )
            answer.raise_for_status()
            body = answer.json()
            if not body["success"]:
                raise SystemExit(f"tuya answers {body['code']}: {body['msg']}")
            yield from body["result"]["data"]
            page, seen, total = page + 1, seen + len(body["result"]["data"]), body["result"]["total"]


def summed(amounts):
    count, total = 0, Decimal(0)
    for amount in amounts:
        count, total = count + 1, total + Decimal(str(amount))
    return [count, str(total)]


with requests.Session() as session:
    print(
        json.dumps(
            {
                "soms": summed(o["payment"]["amount"] for o in soms_orders(session)),
                "tuya": summed(o["order_amount"] for o in tuya_orders(session)),
            }
        )
    )

"""The night done with dlt: lists of both vendors and Tuya's details, loaded
into DuckDB, merged by the order's id, incremental by the vendors' times.

Of a SOMS order the members that nightaudit loads are kept: of all that the vendor
answers dlt would make a table for each list.

    python dlt_pipeline.py ADDRESS FOLDER
"""

import json
import os
import sys
import time

import dlt
from dlt.common.configuration.specs import configspec
from dlt.sources.helpers.rest_client.auth import AuthConfigBase, HttpBasicAuth
from dlt.sources.rest_api import rest_api_source

from vendors import BASIC, PROJECT, TENANT, TuyaAuth

address, folder = sys.argv[1:]

KEPT = (
    "id state created modified orig_total real_total settle_amount settle_commission sku_quantity cancel_reason "
    "source_order_id waybill_id front payment delivery promotion items settle_info settle_unit invoice order_store"
).split()


@configspec
class Signed(AuthConfigBase):
    """Tuya's signature, as dlt's own kind of authentication."""

    def __call__(self, request):
        return signer(request)


signer = TuyaAuth(address)


def soms():
    return rest_api_source(
        {
            "client": {"base_url": f"{address}/{TENANT}/soms/", "auth": HttpBasicAuth(*BASIC)},
            "resources": [
                {
                    "name": "soms_orders",
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "orderservice/orders/query",
                        "method": "POST",
                        "params": {"desc": "false", "page_size": 100, "sort_key": "modified"},
                        "json": {"modified_start": "{incremental.start_value}"},
                        "incremental": {"cursor_path": "modified", "initial_value": "2025-01-01 00:00:00"},
                        "data_selector": "orders",
                        "paginator": {"type": "page_number", "base_page": 0, "total_path": "page_count"},
                    },
                    "processing_steps": [{"map": lambda order: {k: order[k] for k in KEPT if k in order}}],
                }
            ],
        },
        name="soms",
    )


def tuya_lists(kind):
    lists = f"tuya_{kind.lower()}"
    return [
        {
            "name": lists,
            "table_name": "tuya_orders",
            "primary_key": "order_id",
            "write_disposition": "merge",
            "endpoint": {
                "path": "server-order/page",
                "params": {
                    "order_biz_type": kind,
                    "page_size": 100,
                    "create_order_begin_time": "{incremental.start_value}",
                    "create_order_end_time": int(time.time() * 1000),
                },
                "incremental": {"cursor_path": "create_order_time", "initial_value": 1_000_000_000_000},
                "data_selector": "result.data",
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "page_param": "page_no",
                    "total_path": None,
                    "stop_after_empty_page": True,
                },
            },
        },
        {
            "name": f"{lists}_details",
            "table_name": "tuya_details",
            "primary_key": "order_id",
            "write_disposition": "merge",
            "parallelized": True,
            "endpoint": {
                "path": "server-order/get",
                "params": {"order_id": f"{{resources.{lists}.order_id}}"},
                "data_selector": "result",
                "paginator": "single_page",
            },
        },
    ]


def tuya():
    return rest_api_source(
        {
            "client": {"base_url": f"{address}/v1.0/cloud/osaas/projects/{PROJECT}/", "auth": Signed()},
            "resources": tuya_lists("MATERIAL") + tuya_lists("SERVICE"),
        },
        name="tuya",
    )


pipeline = dlt.pipeline(
    "night",
    pipelines_dir=os.path.join(folder, "pipelines"),
    destination=dlt.destinations.duckdb(os.path.join(folder, "night.duckdb")),
    dataset_name="vendors",
)
pipeline.run([soms(), tuya()])

with pipeline.sql_client() as client:
    loaded = client.execute_sql(
        """
        SELECT 'soms', count(*), sum(CAST(payment__amount AS DECIMAL(18, 2))) FROM soms_orders
        UNION ALL
        SELECT 'tuya', count(*), sum(CAST(order_amount AS DECIMAL(18, 2)))
        FROM tuya_orders JOIN tuya_details USING (order_id, order_amount)
        """
    )
print(json.dumps({source: [orders, str(amount)] for source, orders, amount in loaded}))

-- The orders as they were known at an instant. Where the database is attached under
-- a name, and not the current one, a macro does not know of itself where it stands:
-- SELECT … FROM night.orders_as_of(instant, database := 'night').
CREATE OR REPLACE MACRO main.orders_as_of(instant, database := NULL) AS TABLE
    SELECT source, account, order_id, order_no, kind, service_type, flow, channel,
           store_id, store_name, room_no, status, source_status,
           payment_status, refund_status, currency, gross_amount,
           discount_amount, goods_amount, freight_amount, packaging_amount,
           other_amount, net_amount, paid_amount, settle_amount,
           commission_amount, tip_amount, deduction_amount, quantity,
           created_at, updated_at, service_at, finished_at, canceled_at,
           booked_date, service_date, business_date, cancel_reason, link_ref,
           deleted_at, run_id, payload_sha256, landing_ref
    FROM query_table(coalesce('"' || replace(database, '"', '""') || '".', '') || 'audit.order_versions')
    WHERE valid_from <= instant AND (valid_to IS NULL OR valid_to > instant);

-- What the books call an order and its amounts, in one place for every
-- statement: reports, views, checks and the close. The view classified_orders
-- has the same for people.

-- How an order stands. Each has one standing, the first of these: its source
-- no longer holds it; something of it was refunded, whatever its status says;
-- it was canceled, or closed without being used; else it is live. Revenue is
-- what is live of flow revenue.
CREATE OR REPLACE MACRO main.standing(status, refund_status, deleted_at) AS
    CASE
        WHEN deleted_at IS NOT NULL THEN 'deleted'
        WHEN status = 'refunded' OR refund_status = 'refunded' THEN 'refunded'
        WHEN status IN ('canceled', 'closed') THEN 'canceled'
        ELSE 'live'
    END;

-- What is still to be paid of an order of that standing; null where nothing is.
CREATE OR REPLACE MACRO main.outstanding(flow, standing, payment_status, net_amount, paid_amount) AS
    CASE WHEN flow = 'revenue' AND standing = 'live' AND payment_status IN ('unpaid', 'partial')
        THEN net_amount - coalesce(paid_amount, 0)
    END;

-- What an order of flow cost costs: of one that was called off only what is
-- kept of it.
CREATE OR REPLACE MACRO main.cost(flow, standing, net_amount, deduction_amount) AS
    CASE
        WHEN flow IS DISTINCT FROM 'cost' OR standing = 'deleted' THEN NULL
        WHEN standing = 'live' THEN net_amount
        ELSE coalesce(deduction_amount, 0)
    END;

-- The sum of an amount over so many orders: nothing where they are none, and
-- null, not 0.00, where they are some and not one states the amount.
CREATE OR REPLACE MACRO main.sum_stated(total, orders) AS
    coalesce(total, CASE WHEN orders = 0 THEN 0 END);

-- How old what is outstanding is, by its days since the business date, and the
-- first day of that age, to sort by.
CREATE OR REPLACE MACRO main.age(days) AS
    CASE
        WHEN days < 0 THEN 'not_due'
        WHEN days <= 7 THEN '0-7'
        WHEN days <= 30 THEN '8-30'
        WHEN days <= 90 THEN '31-90'
        WHEN days > 90 THEN '90+'
        ELSE 'unknown'
    END;
CREATE OR REPLACE MACRO main.age_from(days) AS
    CASE WHEN days < 0 THEN NULL WHEN days <= 7 THEN 0 WHEN days <= 30 THEN 8 WHEN days <= 90 THEN 31 WHEN days > 90 THEN 91 END;

-- Whether an order of the shop is a reissue, which repeats an earlier one.
CREATE OR REPLACE MACRO main.is_reissue(reissue_reason, order_type) AS
    reissue_reason IS NOT NULL OR coalesce(order_type = 'COMPENSATION', false);

-- Whether two orders are parts of one: they name the same main order, or one
-- is the main order of the other (SOMS interface document, 2.29).
CREATE OR REPLACE MACRO main.is_split(main_a, number_a, main_b, number_b) AS
    coalesce(main_a = main_b, false)
    OR coalesce(main_a IS NULL AND main_b = number_a, false)
    OR coalesce(main_b IS NULL AND main_a = number_b, false);

-- Every order with its standing and what follows from it.
CREATE OR REPLACE VIEW main.classified_orders AS
SELECT *,
    main.outstanding(flow, standing, payment_status, net_amount, paid_amount)::DECIMAL(18,4) AS outstanding_amount,
    main.cost(flow, standing, net_amount, deduction_amount)::DECIMAL(18,4) AS cost_amount
FROM (SELECT *, main.standing(status, refund_status, deleted_at) AS standing FROM main.orders);

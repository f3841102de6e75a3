-- What the books call an order and its amounts, for people and for the program's
-- other statements. What each says stands in engines/common, where reports, checks
-- and these have it from.
CREATE OR REPLACE MACRO main.standing(status, refund_status, deleted_at) AS
    standing(status, refund_status, deleted_at);

CREATE OR REPLACE MACRO main.outstanding(flow, standing, payment_status, net_amount, paid_amount) AS
    outstanding_of(flow, standing, payment_status, net_amount, paid_amount);

CREATE OR REPLACE MACRO main.cost(flow, standing, net_amount, deduction_amount) AS
    cost_of(flow, standing, net_amount, deduction_amount);

CREATE OR REPLACE MACRO main.sum_stated(total, orders) AS
    sum_stated(total, orders);

CREATE OR REPLACE MACRO main.age(days) AS
    age_of(days);

CREATE OR REPLACE MACRO main.age_from(days) AS
    age_from(days);

CREATE OR REPLACE MACRO main.is_reissue(reissue_reason, order_type) AS
    is_reissue(reissue_reason, order_type);

CREATE OR REPLACE MACRO main.is_split(main_a, number_a, main_b, number_b) AS
    is_split(main_a, number_a, main_b, number_b);

-- Every order with its standing and what follows from it.
CREATE OR REPLACE VIEW main.classified_orders AS
SELECT * FROM classified_orders();

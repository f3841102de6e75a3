-- Schema version 1: every table of the database.
--
-- main   the facts, as the sources state them
-- audit  how the facts came here: runs, control totals, refused rows, versions
-- recon  what does not add up
--
-- Money is DECIMAL(18,4) in major units with the currency beside it, unit
-- prices and quantities are DECIMAL(18,6), instants are TIMESTAMPTZ, ids are
-- VARCHAR. Fact tables have neither primary keys nor unique indexes: rows are
-- made distinct before they are merged, and an index costs more than it
-- protects. Comments on tables and columns come from dictionary/.
--
-- deliveries.creation_tip_amount is the tip given when a courier order was
-- placed. The vendor's total of tips may or may not hold it, and only the
-- register of placed orders knows it: without it the check courier_fee could
-- not tell a missing tip from one given at creation.

CREATE SCHEMA audit;
CREATE SCHEMA recon;

-- Facts. The natural key comes first, where each row came from last.

CREATE TABLE main.orders (
    source            VARCHAR NOT NULL,
    account           VARCHAR NOT NULL,
    order_id          VARCHAR NOT NULL,
    order_no          VARCHAR,
    kind              VARCHAR,
    service_type      VARCHAR,
    flow              VARCHAR,
    channel           VARCHAR,
    store_id          VARCHAR,
    store_name        VARCHAR,
    room_no           VARCHAR,
    status            VARCHAR,
    source_status     VARCHAR,
    payment_status    VARCHAR,
    refund_status     VARCHAR,
    currency          VARCHAR,
    gross_amount      DECIMAL(18,4),
    discount_amount   DECIMAL(18,4),
    goods_amount      DECIMAL(18,4),
    freight_amount    DECIMAL(18,4),
    packaging_amount  DECIMAL(18,4),
    other_amount      DECIMAL(18,4),
    net_amount        DECIMAL(18,4),
    paid_amount       DECIMAL(18,4),
    settle_amount     DECIMAL(18,4),
    commission_amount DECIMAL(18,4),
    tip_amount        DECIMAL(18,4),
    deduction_amount  DECIMAL(18,4),
    quantity          DECIMAL(18,6),
    created_at        TIMESTAMPTZ,
    updated_at        TIMESTAMPTZ,
    service_at        TIMESTAMPTZ,
    finished_at       TIMESTAMPTZ,
    canceled_at       TIMESTAMPTZ,
    booked_date       DATE,
    service_date      DATE,
    business_date     DATE,
    cancel_reason     VARCHAR,
    link_ref          VARCHAR,
    deleted_at        TIMESTAMPTZ,
    run_id            VARCHAR,
    payload_sha256    VARCHAR,
    landing_ref       VARCHAR
);

CREATE TABLE main.order_items (
    source                      VARCHAR NOT NULL,
    account                     VARCHAR NOT NULL,
    order_id                    VARCHAR NOT NULL,
    line_no                     BIGINT,
    item_id                     VARCHAR,
    sku_id                      VARCHAR,
    title                       VARCHAR,
    quantity                    DECIMAL(18,6),
    unit_price                  DECIMAL(18,6),
    total_amount                DECIMAL(18,4),
    discount_amount             DECIMAL(18,4),
    apportioned_discount_amount DECIMAL(18,4),
    pay_amount                  DECIMAL(18,4),
    settle_unit_price           DECIMAL(18,6),
    settle_amount               DECIMAL(18,4),
    platform_discount_amount    DECIMAL(18,4),
    shop_amount                 DECIMAL(18,4),
    cost_price                  DECIMAL(18,6),
    currency                    VARCHAR,
    is_gift                     BOOLEAN,
    run_id                      VARCHAR,
    payload_sha256              VARCHAR,
    landing_ref                 VARCHAR
);

CREATE TABLE main.payments (
    source          VARCHAR NOT NULL,
    account         VARCHAR NOT NULL,
    order_id        VARCHAR NOT NULL,
    line_no         BIGINT,
    method_code     VARCHAR,
    method_name     VARCHAR,
    amount          DECIMAL(18,4),
    discount_amount DECIMAL(18,4),
    currency        VARCHAR,
    flow_no         VARCHAR,
    external_pay_id VARCHAR,
    paid_at         TIMESTAMPTZ,
    run_id          VARCHAR,
    payload_sha256  VARCHAR,
    landing_ref     VARCHAR
);

CREATE TABLE main.discounts (
    source          VARCHAR NOT NULL,
    account         VARCHAR NOT NULL,
    order_id        VARCHAR NOT NULL,
    line_no         BIGINT,
    level           VARCHAR,
    item_line_no    BIGINT,
    promotion_id    VARCHAR,
    promotion_name  VARCHAR,
    amount          DECIMAL(18,4),
    merchant_amount DECIMAL(18,4),
    platform_amount DECIMAL(18,4),
    agent_amount    DECIMAL(18,4),
    currency        VARCHAR,
    run_id          VARCHAR,
    payload_sha256  VARCHAR,
    landing_ref     VARCHAR
);

CREATE TABLE main.settlements (
    source                    VARCHAR NOT NULL,
    account                   VARCHAR NOT NULL,
    order_id                  VARCHAR NOT NULL,
    settle_unit_code          VARCHAR,
    settle_unit_name          VARCHAR,
    settle_date               DATE,
    settlable                 BOOLEAN,
    settle_mode               VARCHAR,
    settle_freight_amount     DECIMAL(18,4),
    performance_fee_amount    DECIMAL(18,4),
    shop_amount               DECIMAL(18,4),
    freight_discount_amount   DECIMAL(18,4),
    packaging_discount_amount DECIMAL(18,4),
    address_change_amount     DECIMAL(18,4),
    payment_type              VARCHAR,
    cod_amount                DECIMAL(18,4),
    earnest_amount            DECIMAL(18,4),
    order_type                VARCHAR,
    delivery_type             VARCHAR,
    delivery_state            VARCHAR,
    main_order_id             VARCHAR,
    sale_order_id             VARCHAR,
    reissue_reason            VARCHAR,
    responsible_party         VARCHAR,
    currency                  VARCHAR,
    run_id                    VARCHAR,
    payload_sha256            VARCHAR,
    landing_ref               VARCHAR
);

CREATE TABLE main.settlement_discounts (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    line_no        BIGINT,
    scope          VARCHAR,
    amount         DECIMAL(18,4),
    details        VARCHAR,
    currency       VARCHAR,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

CREATE TABLE main.stays (
    source             VARCHAR NOT NULL,
    account            VARCHAR NOT NULL,
    order_id           VARCHAR NOT NULL,
    stay_id            VARCHAR,
    room_no            VARCHAR,
    room_type          VARCHAR,
    guest_count        BIGINT,
    status             VARCHAR,
    source_status      VARCHAR,
    arrival_at         TIMESTAMPTZ,
    departure_at       TIMESTAMPTZ,
    arrival_date       DATE,
    departure_date     DATE,
    room_amount        DECIMAL(18,4),
    consumption_amount DECIMAL(18,4),
    total_amount       DECIMAL(18,4),
    currency           VARCHAR,
    settled            BOOLEAN,
    run_id             VARCHAR,
    payload_sha256     VARCHAR,
    landing_ref        VARCHAR
);

CREATE TABLE main.deliveries (
    source              VARCHAR NOT NULL,
    account             VARCHAR NOT NULL,
    order_id            VARCHAR NOT NULL,
    delivery_id         VARCHAR,
    carrier             VARCHAR,
    waybill_no          VARCHAR,
    status              VARCHAR,
    source_status       VARCHAR,
    fee_amount          DECIMAL(18,4),
    distance_amount     DECIMAL(18,4),
    weight_amount       DECIMAL(18,4),
    surcharge_amount    DECIMAL(18,4),
    special_amount      DECIMAL(18,4),
    tip_amount          DECIMAL(18,4),
    creation_tip_amount DECIMAL(18,4),
    tip_count           BIGINT,
    deduction_amount    DECIMAL(18,4),
    currency            VARCHAR,
    link_ref            VARCHAR,
    run_id              VARCHAR,
    payload_sha256      VARCHAR,
    landing_ref         VARCHAR
);

CREATE TABLE main.delivery_events (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    event_id       VARCHAR,
    status         VARCHAR,
    source_status  VARCHAR,
    happened_at    TIMESTAMPTZ,
    business_date  DATE,
    description    VARCHAR,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

CREATE TABLE main.delivery_tips (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    tip_no         VARCHAR,
    amount         DECIMAL(18,4),
    currency       VARCHAR,
    created_at     TIMESTAMPTZ,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

CREATE TABLE main.invoices (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    line_no        BIGINT,
    type           VARCHAR,
    title_type     VARCHAR,
    amount         DECIMAL(18,4),
    tax_amount     DECIMAL(18,4),
    currency       VARCHAR,
    result         VARCHAR,
    issued_at      TIMESTAMPTZ,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

CREATE TABLE main.reminders (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR,
    remind_id      VARCHAR NOT NULL,
    store_id       VARCHAR,
    remind_count   BIGINT,
    reminded_at    TIMESTAMPTZ,
    reply_state    VARCHAR,
    replied_at     TIMESTAMPTZ,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

CREATE TABLE main.guests (
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    guest_no       BIGINT,
    name           VARCHAR,
    phone          VARCHAR,
    email          VARCHAR,
    id_card        VARCHAR,
    passport       VARCHAR,
    run_id         VARCHAR,
    payload_sha256 VARCHAR,
    landing_ref    VARCHAR
);

-- The ledger.

-- One row.
CREATE TABLE audit.meta (
    database_id      VARCHAR NOT NULL,
    created_at       TIMESTAMPTZ,
    schema_version   BIGINT NOT NULL,
    timezone         VARCHAR,
    published_run_id VARCHAR,
    published_at     TIMESTAMPTZ
);

CREATE TABLE audit.migrations (
    version    BIGINT NOT NULL,
    name       VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE audit.runs (
    run_id        VARCHAR NOT NULL,
    started_at    TIMESTAMPTZ,
    finished_at   TIMESTAMPTZ,
    outcome       VARCHAR,
    exit_code     BIGINT,
    version       VARCHAR,
    config_sha256 VARCHAR
);

CREATE TABLE audit.extracts (
    run_id        VARCHAR NOT NULL,
    source        VARCHAR NOT NULL,
    account       VARCHAR NOT NULL,
    stream        VARCHAR,
    window_start  TIMESTAMPTZ,
    window_end    TIMESTAMPTZ,
    filter        VARCHAR,
    api_total     BIGINT,
    pages         BIGINT,
    fetched       BIGINT,
    distinct_rows BIGINT,
    duplicates    BIGINT,
    inserted      BIGINT,
    updated       BIGINT,
    unchanged     BIGINT,
    rejected      BIGINT,
    state         VARCHAR,
    message       VARCHAR,
    advances_cursor BOOLEAN
);

-- Sums are wider than the amounts they add up.
CREATE TABLE audit.extract_totals (
    run_id        VARCHAR NOT NULL,
    source        VARCHAR NOT NULL,
    account       VARCHAR NOT NULL,
    stream        VARCHAR,
    window_start  TIMESTAMPTZ,
    table_name    VARCHAR,
    column_name   VARCHAR,
    currency      VARCHAR,
    amount_in     DECIMAL(38,4),
    amount_loaded DECIMAL(38,4)
);

CREATE TABLE audit.rejects (
    run_id      VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,
    account     VARCHAR NOT NULL,
    stream      VARCHAR,
    order_id    VARCHAR,
    field       VARCHAR,
    reason      VARCHAR,
    raw         VARCHAR,
    landing_ref VARCHAR
);

CREATE TABLE audit.findings (
    run_id      VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,
    account     VARCHAR NOT NULL,
    stream      VARCHAR,
    order_id    VARCHAR,
    field       VARCHAR,
    reason      VARCHAR,
    raw         VARCHAR,
    landing_ref VARCHAR
);

-- Every distinct state in which an order was seen. The order of the columns of
-- main.orders is kept after version_no, valid_from and valid_to.
CREATE TABLE audit.order_versions (
    source            VARCHAR NOT NULL,
    account           VARCHAR NOT NULL,
    order_id          VARCHAR NOT NULL,
    version_no        BIGINT NOT NULL,
    valid_from        TIMESTAMPTZ NOT NULL,
    valid_to          TIMESTAMPTZ,
    order_no          VARCHAR,
    kind              VARCHAR,
    service_type      VARCHAR,
    flow              VARCHAR,
    channel           VARCHAR,
    store_id          VARCHAR,
    store_name        VARCHAR,
    room_no           VARCHAR,
    status            VARCHAR,
    source_status     VARCHAR,
    payment_status    VARCHAR,
    refund_status     VARCHAR,
    currency          VARCHAR,
    gross_amount      DECIMAL(18,4),
    discount_amount   DECIMAL(18,4),
    goods_amount      DECIMAL(18,4),
    freight_amount    DECIMAL(18,4),
    packaging_amount  DECIMAL(18,4),
    other_amount      DECIMAL(18,4),
    net_amount        DECIMAL(18,4),
    paid_amount       DECIMAL(18,4),
    settle_amount     DECIMAL(18,4),
    commission_amount DECIMAL(18,4),
    tip_amount        DECIMAL(18,4),
    deduction_amount  DECIMAL(18,4),
    quantity          DECIMAL(18,6),
    created_at        TIMESTAMPTZ,
    updated_at        TIMESTAMPTZ,
    service_at        TIMESTAMPTZ,
    finished_at       TIMESTAMPTZ,
    canceled_at       TIMESTAMPTZ,
    booked_date       DATE,
    service_date      DATE,
    business_date     DATE,
    cancel_reason     VARCHAR,
    link_ref          VARCHAR,
    deleted_at        TIMESTAMPTZ,
    run_id            VARCHAR,
    payload_sha256    VARCHAR,
    landing_ref       VARCHAR
);

CREATE TABLE audit.closes (
    period         VARCHAR NOT NULL,
    date_from      DATE,
    date_to        DATE,
    closed_at      TIMESTAMPTZ NOT NULL,
    run_id         VARCHAR,
    closed_by      VARCHAR,
    comment        VARCHAR,
    entry_id       VARCHAR NOT NULL,
    missing        VARCHAR,
    figures_sha256 VARCHAR
);

-- The closed figures: what orders_as_of(closed_at) adds up to. Sums are wider
-- than the amounts they add up.
CREATE TABLE audit.close_totals (
    period            VARCHAR NOT NULL,
    source            VARCHAR NOT NULL,
    account           VARCHAR NOT NULL,
    flow              VARCHAR,
    currency          VARCHAR,
    orders            BIGINT NOT NULL,
    gross_amount      DECIMAL(38,4),
    discount_amount   DECIMAL(38,4),
    goods_amount      DECIMAL(38,4),
    freight_amount    DECIMAL(38,4),
    packaging_amount  DECIMAL(38,4),
    other_amount      DECIMAL(38,4),
    net_amount        DECIMAL(38,4),
    paid_amount       DECIMAL(38,4),
    settle_amount     DECIMAL(38,4),
    commission_amount DECIMAL(38,4),
    tip_amount        DECIMAL(38,4),
    deduction_amount  DECIMAL(38,4)
);

-- Reconciliation.

CREATE TABLE recon.rules (
    rule        VARCHAR NOT NULL,
    severity    VARCHAR NOT NULL,
    candidate   BOOLEAN NOT NULL,
    tolerance   DECIMAL(18,4) NOT NULL,
    title_en    VARCHAR,
    title_zh    VARCHAR,
    compares_en VARCHAR,
    compares_zh VARCHAR
);

CREATE TABLE recon.breaks (
    break_id       VARCHAR NOT NULL,
    rule           VARCHAR NOT NULL,
    severity       VARCHAR NOT NULL,
    source         VARCHAR,
    account        VARCHAR,
    order_id       VARCHAR,
    line_no        BIGINT,
    right_source   VARCHAR,
    right_account  VARCHAR,
    right_order_id VARCHAR,
    business_date  DATE,
    expected       DECIMAL(18,4),
    actual         DECIMAL(18,4),
    difference     DECIMAL(18,4),
    currency       VARCHAR,
    reason         VARCHAR NOT NULL,
    facts          JSON,
    explanation_en VARCHAR,
    explanation_zh VARCHAR,
    first_seen     TIMESTAMPTZ NOT NULL,
    last_seen      TIMESTAMPTZ NOT NULL,
    resolved_at    TIMESTAMPTZ,
    status         VARCHAR NOT NULL,
    owner          VARCHAR,
    comment        VARCHAR
);

-- What people wrote about breaks, one row for each time.
CREATE TABLE recon.annotations (
    entry_id       VARCHAR NOT NULL,
    break_id       VARCHAR NOT NULL,
    annotated_at   TIMESTAMPTZ NOT NULL,
    author         VARCHAR,
    taken_by       VARCHAR,
    workbook       VARCHAR,
    saved_at       TIMESTAMPTZ,
    status_before  VARCHAR,
    status         VARCHAR,
    owner_before   VARCHAR,
    owner          VARCHAR,
    comment_before VARCHAR,
    comment        VARCHAR,
    overrode       BOOLEAN NOT NULL,
    expected       DECIMAL(18,4),
    actual         DECIMAL(18,4),
    difference     DECIMAL(18,4),
    currency       VARCHAR
);

CREATE TABLE recon.links (
    rule           VARCHAR NOT NULL,
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    order_id       VARCHAR NOT NULL,
    stay_id        VARCHAR,
    right_source   VARCHAR,
    right_account  VARCHAR,
    right_order_id VARCHAR,
    right_stay_id  VARCHAR,
    certainty      VARCHAR,
    run_id         VARCHAR
);

-- What the configuration says of which systems belong together. The checks
-- join on it; it is brought up to date every night.

CREATE TABLE recon.places (
    place   VARCHAR NOT NULL,
    source  VARCHAR NOT NULL,
    account VARCHAR NOT NULL
);

CREATE TABLE recon.place_rooms (
    place       VARCHAR NOT NULL,
    room_no     VARCHAR NOT NULL,
    pms_room_no VARCHAR NOT NULL
);

CREATE TABLE recon.couriers (
    source       VARCHAR NOT NULL,
    account      VARCHAR NOT NULL,
    shop_source  VARCHAR NOT NULL,
    shop_account VARCHAR NOT NULL,
    carrier      VARCHAR NOT NULL,
    number       VARCHAR NOT NULL
);

-- The orders that runs changed, in any table, since the checks last ran to
-- their end.
CREATE TABLE recon.changed (
    source   VARCHAR NOT NULL,
    account  VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL
);

-- One row: by which rules and which configuration the breaks stand.
CREATE TABLE recon.basis (
    basis_sha256 VARCHAR NOT NULL,
    run_id       VARCHAR,
    checked_at   TIMESTAMPTZ
);

-- The orders as they were known at an instant.
CREATE MACRO main.orders_as_of(instant) AS TABLE
    SELECT source, account, order_id, order_no, kind, service_type, flow, channel,
           store_id, store_name, room_no, status, source_status,
           payment_status, refund_status, currency, gross_amount,
           discount_amount, goods_amount, freight_amount, packaging_amount,
           other_amount, net_amount, paid_amount, settle_amount,
           commission_amount, tip_amount, deduction_amount, quantity,
           created_at, updated_at, service_at, finished_at, canceled_at,
           booked_date, service_date, business_date, cancel_reason, link_ref,
           deleted_at, run_id, payload_sha256, landing_ref
    FROM audit.order_versions
    WHERE valid_from <= instant AND (valid_to IS NULL OR valid_to > instant);

-- Schema version 2: what the rows of each account rest on, and what of the
-- vendors' answers could not be taken and still stands, and which differences
-- the checks let pass.

-- One row for each account that the configuration names or that has rows: the
-- settings by which its rows were decoded. Where the configuration says
-- others, a run brings the rows of the account to those first.
CREATE TABLE audit.accounts (
    source             VARCHAR NOT NULL,
    account            VARCHAR NOT NULL,
    timezone           VARCHAR NOT NULL,
    business_day_start TIME NOT NULL,
    currency           VARCHAR,
    memo_only          BOOLEAN NOT NULL,
    pii_sha256         VARCHAR,
    since              DATE,
    is_configured      BOOLEAN NOT NULL,
    run_id             VARCHAR
);

-- What the last reading of each record could not take: a refused row (kind
-- reject) or a value left out (kind finding). A record that is read again
-- replaces what was said of it. audit.rejects and audit.findings keep the
-- history, run by run. record_key names the record within its stream: its key,
-- or, where it has none, the hash of its text.
CREATE TABLE audit.exceptions (
    source       VARCHAR NOT NULL,
    account      VARCHAR NOT NULL,
    stream       VARCHAR NOT NULL,
    record_key   VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,
    order_id     VARCHAR,
    table_name   VARCHAR,
    column_name  VARCHAR,
    is_amount    BOOLEAN NOT NULL,
    line_no      BIGINT,
    field        VARCHAR,
    reason       VARCHAR,
    raw          VARCHAR,
    window_start TIMESTAMPTZ,
    window_end   TIMESTAMPTZ,
    filter       VARCHAR,
    landing_ref  VARCHAR,
    run_id       VARCHAR NOT NULL
);

-- When a room of a booking was booked. An order whose own time of creation
-- cannot be read is dated by the first of its rooms.
ALTER TABLE main.stays ADD COLUMN created_at TIMESTAMPTZ;

-- Whether the window shows that what was created before its end is here: it is
-- one of a stream that lists orders, and moves its cursor.
ALTER TABLE audit.extracts ADD COLUMN covers BOOLEAN;

-- The last business date of which the run left a workbook; null where it left
-- none. The next run writes those that have become over since.
ALTER TABLE audit.runs ADD COLUMN books_to DATE;

-- What the configuration calls accounts, stores and channels (names): kind is
-- account, store or channel; source is null but for accounts.
CREATE TABLE audit.names (
    kind   VARCHAR NOT NULL,
    source VARCHAR,
    code   VARCHAR NOT NULL,
    name   VARCHAR NOT NULL
);

-- How many rooms a hotel has to sell, where the configuration says so
-- (links[].rooms_available).
CREATE TABLE audit.hotel_rooms (
    source          VARCHAR NOT NULL,
    account         VARCHAR NOT NULL,
    rooms_available BIGINT NOT NULL
);

-- Why a version is another one than that before it: configuration where only
-- the settings by which the account is decoded have changed, null where the
-- source has.
ALTER TABLE audit.order_versions ADD COLUMN cause VARCHAR;

-- The settings whose change a run carried out over rows that were there.
CREATE TABLE audit.basis_changes (
    run_id         VARCHAR NOT NULL,
    source         VARCHAR NOT NULL,
    account        VARCHAR NOT NULL,
    setting        VARCHAR NOT NULL,
    value_before   VARCHAR,
    value_after    VARCHAR,
    orders_moved   BIGINT NOT NULL,
    closed_periods VARCHAR,
    changed_at     TIMESTAMPTZ NOT NULL
);

-- What the checks found within their tolerances, by rule and order: added up by
-- store and business date these are the rule drift. A run replaces those of the
-- orders that it looks at.
CREATE TABLE recon.small_differences (
    rule          VARCHAR NOT NULL,
    source        VARCHAR NOT NULL,
    account       VARCHAR NOT NULL,
    order_id      VARCHAR NOT NULL,
    store_id      VARCHAR,
    business_date DATE,
    flow          VARCHAR,
    currency      VARCHAR,
    differences   BIGINT NOT NULL,
    expected      DECIMAL(38,4) NOT NULL,
    actual        DECIMAL(38,4) NOT NULL
);

-- The workbooks whose entries were taken, one row for each file that was read:
-- what of it could not be taken stands in refused.
CREATE TABLE recon.workbooks (
    entry_id     VARCHAR NOT NULL,
    workbook     VARCHAR,
    file_sha256  VARCHAR,
    published_at TIMESTAMPTZ,
    saved_at     TIMESTAMPTZ,
    taken_at     TIMESTAMPTZ NOT NULL,
    author       VARCHAR,
    taken_by     VARCHAR,
    in_place     BOOLEAN NOT NULL,
    breaks       BIGINT NOT NULL,
    refused      VARCHAR
);

-- Months that were opened again after a close. A close is never edited: one
-- that an entry here names no longer stands.
CREATE TABLE audit.reopens (
    period         VARCHAR NOT NULL,
    reopened_at    TIMESTAMPTZ NOT NULL,
    run_id         VARCHAR,
    reopened_by    VARCHAR,
    reason         VARCHAR NOT NULL,
    entry_id       VARCHAR NOT NULL,
    close_entry_id VARCHAR NOT NULL
);
ALTER TABLE audit.closes ADD COLUMN reason VARCHAR;

-- A month that was reopened may be closed again: which close the figures are of.
ALTER TABLE audit.close_totals ADD COLUMN entry_id VARCHAR;
UPDATE audit.close_totals t SET entry_id = (SELECT c.entry_id FROM audit.closes c WHERE c.period = t.period);

-- Which program's views and comments the database has.
ALTER TABLE audit.meta ADD COLUMN objects_sha256 VARCHAR;

-- The hash of the landing's last seal when the database was published.
ALTER TABLE audit.meta ADD COLUMN chain_head VARCHAR;

-- Whether the order was asked for by itself and not shown: then it is asked for
-- again as long as this stands.
ALTER TABLE audit.exceptions ADD COLUMN ask_again BOOLEAN DEFAULT false;

-- Orders that the vendor's list lacked and that are not taken as deleted yet, for
-- too many were missing at once: the next complete night decides.
CREATE TABLE audit.absences (
    source       VARCHAR NOT NULL,
    account      VARCHAR NOT NULL,
    order_id     VARCHAR NOT NULL,
    absent_since TIMESTAMPTZ NOT NULL,
    run_id       VARCHAR NOT NULL
);

-- Orders of which the vendor answers with an older version than stands: what it
-- still says half a day later is taken.
CREATE TABLE audit.older_answers (
    source      VARCHAR NOT NULL,
    account     VARCHAR NOT NULL,
    order_id    VARCHAR NOT NULL,
    older_since TIMESTAMPTZ NOT NULL,
    run_id      VARCHAR NOT NULL
);

-- Recorded times that a clock ahead of its time had put into the future, and where
-- the runs and entries stand instead.
CREATE TABLE audit.clock_corrections (
    entry_id     VARCHAR NOT NULL,
    corrected_at TIMESTAMPTZ NOT NULL,
    corrected_by VARCHAR,
    subject      VARCHAR NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL,
    stands_at    TIMESTAMPTZ NOT NULL
);

-- Whose orders an account reads: the vendor's address and what of the vendor's.
-- Another one is refused unless it is named as the same.
ALTER TABLE audit.accounts ADD COLUMN base_url VARCHAR;
ALTER TABLE audit.accounts ADD COLUMN tenant VARCHAR;

-- In which zone a vendor writes the times that it documents as UTC, where the
-- configuration says that it is another.
ALTER TABLE audit.accounts ADD COLUMN wall_zone VARCHAR;

-- What a replay could not make again from the landing, and who took that (replay
-- --accept-loss). The dates are the business dates whose figures it concerns; a
-- date_from that is null is not known.
CREATE TABLE audit.losses (
    entry_id      VARCHAR NOT NULL,
    accepted_at   TIMESTAMPTZ NOT NULL,
    accepted_by   VARCHAR,
    run_id        VARCHAR,
    source        VARCHAR,
    account       VARCHAR,
    lost_entry_id VARCHAR,
    what          VARCHAR NOT NULL,
    date_from     DATE,
    date_to       DATE
);

-- The configuration by which the database was published last.
ALTER TABLE audit.meta ADD COLUMN configuration VARCHAR;

-- Places that were another database's, or another configuration's, and were
-- taken over: what is published, the folder of reports, the data folder.
CREATE TABLE audit.adoptions (
    entry_id      VARCHAR NOT NULL,
    adopted_at    TIMESTAMPTZ NOT NULL,
    adopted_by    VARCHAR,
    what          VARCHAR NOT NULL,
    place         VARCHAR NOT NULL,
    database_id   VARCHAR,
    run_id        VARCHAR,
    configuration VARCHAR
);

-- How long each stage of a run took, of each account and, without one, of the run as
-- a whole. A run that was taken up has the stages of its attempts.
CREATE TABLE audit.stages (
    run_id  VARCHAR NOT NULL,
    source  VARCHAR,
    account VARCHAR,
    stage   VARCHAR NOT NULL,
    seconds DECIMAL(18,6) NOT NULL,
    calls   BIGINT NOT NULL,
    bytes   BIGINT NOT NULL,
    rows    BIGINT NOT NULL
);

-- What a vendor's answers look like, as the nights have found: by stream, what is
-- looked at (trait), among what (within) and of what (item). What each trait holds
-- stands in merge/watch_observe.sql.
CREATE TABLE audit.traits (
    source  VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    stream  VARCHAR NOT NULL,
    trait   VARCHAR NOT NULL,
    within  VARCHAR NOT NULL,
    item    VARCHAR NOT NULL,
    value   VARCHAR,
    counted BIGINT NOT NULL,
    among   BIGINT NOT NULL,
    is_gone BOOLEAN NOT NULL,
    run_id  VARCHAR NOT NULL
);

-- Where a night's answers were others than those before: one row for each thing that
-- is not as it was, until it is again.
CREATE TABLE audit.vendor_changes (
    source       VARCHAR NOT NULL,
    account      VARCHAR NOT NULL,
    stream       VARCHAR NOT NULL,
    trait        VARCHAR NOT NULL,
    within       VARCHAR NOT NULL,
    item         VARCHAR NOT NULL,
    change       VARCHAR NOT NULL,
    value_before VARCHAR,
    value_after  VARCHAR,
    count_before BIGINT,
    count_after  BIGINT,
    among_after  BIGINT,
    is_doubtful  BOOLEAN NOT NULL,
    changed_at   TIMESTAMPTZ NOT NULL,
    run_id       VARCHAR NOT NULL,
    landing_ref  VARCHAR
);

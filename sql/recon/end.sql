-- Drops what begin.sql and its like made; nothing waits for a check any more.
DROP TABLE recon_found;
DROP TABLE IF EXISTS recon_compared;
DROP TABLE recon_run;
DROP TABLE recon_currencies;
DROP TABLE recon_words;
DROP MACRO temp.money_text;
DROP MACRO temp.quantity_text;
DROP MACRO temp.instant_text;
DROP MACRO temp.in_words;
DELETE FROM recon.changed;

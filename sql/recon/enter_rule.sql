INSERT INTO recon.rules (rule, severity, candidate, tolerance, title_en, title_zh, compares_en, compares_zh)
VALUES ($1, $2, $3, $4::VARCHAR::DECIMAL(18, 4), $5, $6, $7, $8)

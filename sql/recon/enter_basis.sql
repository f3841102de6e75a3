INSERT INTO recon.basis VALUES ($1, $2, $3)

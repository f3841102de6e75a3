INSERT INTO recon.places VALUES ($1, $2, $3)

INSERT INTO recon.place_rooms VALUES ($1, $2, $3)

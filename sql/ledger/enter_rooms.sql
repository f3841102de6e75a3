-- Enters how many rooms ($3) an account ($1, $2) of a PMS has to sell.
INSERT INTO audit.hotel_rooms (source, account, rooms_available) VALUES ($1, $2, $3)

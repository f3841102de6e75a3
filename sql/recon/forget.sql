-- Takes out the rules and options by which the breaks stood.
DELETE FROM recon.rules;
DELETE FROM recon.basis;
DELETE FROM recon.small_differences;
DELETE FROM recon.places;
DELETE FROM recon.place_rooms;
DELETE FROM recon.couriers;

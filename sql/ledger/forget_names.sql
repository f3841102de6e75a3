-- Takes out what the configuration last called things.
DELETE FROM audit.names;
DELETE FROM audit.hotel_rooms;

-- What hoteliers count: nights of rooms, what they earn, and what follows from both.

-- An amount for each of so many rooms, to the cent.
CREATE OR REPLACE MACRO main.per_room(amount, rooms) AS per_room(amount, rooms);

-- A part of a whole, to the hundredth of a percent: 0.8333.
CREATE OR REPLACE MACRO main.share_of(part, whole) AS share_of(part, whole);

-- One row for each night of each stay.
CREATE OR REPLACE VIEW main.room_nights AS
SELECT * FROM room_nights();

-- The figures of a hotel, one row for each date and account of a PMS.
CREATE OR REPLACE VIEW main.hotel_daily AS
SELECT * FROM hotel_daily();

-- The same beside the day before, the same weekday a week ago and the month to date.
CREATE OR REPLACE VIEW main.hotel_compared AS
SELECT * FROM hotel_compared();

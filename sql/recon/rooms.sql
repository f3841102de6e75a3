-- What was in the rooms of each place, the rooms named as the PMS names them.
-- Two systems mean the same room by that name alone. They are tables, for as
-- views they make joins whose sizes nobody can foresee.
CREATE OR REPLACE TEMP TABLE room_stays AS
{{template "recon/rooms/room_stays"}};

CREATE OR REPLACE TEMP TABLE room_orders AS
{{template "recon/rooms/room_orders"}};

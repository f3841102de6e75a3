-- The difference of a break in money, and the breaks of a book: what each is stands in
-- engines/common.
CREATE OR REPLACE MACRO recon.stated_difference(expected, actual, difference) AS
    stated_difference(expected, actual, difference);

CREATE OR REPLACE MACRO recon.book_breaks(date_from, date_to) AS TABLE
SELECT * FROM book_breaks(date_from, date_to);

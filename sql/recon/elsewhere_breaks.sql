-- The breaks as the night kept them, with what people wrote. A lake has further columns.
SELECT {{columns "" .}} FROM recon.breaks

SELECT count(*) FROM recon.unlike

SELECT count(*) FROM recon.changed

-- By what the breaks stand: see the function basis in load/recon.
SELECT basis_sha256 FROM recon.basis

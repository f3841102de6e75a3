DELETE FROM audit.losses

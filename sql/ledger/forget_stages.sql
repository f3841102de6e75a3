-- Takes out what the stages of run $1 took: it was taken up, and ends once more.
DELETE FROM audit.stages WHERE run_id = $1

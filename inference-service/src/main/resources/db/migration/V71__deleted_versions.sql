-- A version that was deleted. Its row remains: numbers are not used again, and the history of aliases refers to it.
alter table model_version add column deleted_at timestamptz;

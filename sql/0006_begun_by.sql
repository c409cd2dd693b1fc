-- A job may hold several leases, and a lease may be asked for by two jobs (one thought lost): the first to begin has it.
alter table glasnik.feeds add column begun_by text; -- the id of that job; it alone may begin again, after a worker died in it

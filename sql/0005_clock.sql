-- The clock that processes share for their jobs: the database's, plus what it was set back since the installation began. It never
-- goes back itself, so that what was put off until a moment, and who holds what until when, stays true when somebody corrects the
-- time of the machine. src/store/clock.ts
alter table glasnik.installation
  add column clock_ahead interval not null default '0',
  add column clock_seen  timestamptz not null default '-infinity';  -- the latest that it said, to ten seconds

-- A migration that waits for a table holds up all requests that use the table. It gives up then, and the service, which
-- does not start, is started again.
set local lock_timeout = '${lock-timeout}';

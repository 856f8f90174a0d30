-- The trail of all nodes. What is an event's is in `line`, byte for byte as in the spool; the other columns are for searching.

create table stream (
  id int generated always as identity primary key,
  node text not null,
  name text not null,
  -- More than 1: the spool's stream was found to be another than the one that was shipped before.
  incarnation int not null default 1,
  -- Up to where the spool has been shipped: a segment and the bytes of it.
  segment int not null default 0,
  bytes bigint not null default 0,
  -- SHA-256 of the last bytes before that.
  tail text not null default '',
  -- The last event: the chain goes on from here. seq 0: none yet, hash as docs/audit-trail.md has it.
  seq bigint not null,
  hash text not null,
  -- What the first event of this incarnation follows.
  first_seq bigint not null,
  first_prev text not null,
  shipped_at timestamptz,
  unique (node, name, incarnation)
);

create table event (
  at timestamptz(3) not null,
  stream int not null,
  seq bigint not null,
  type text collate "C" not null,
  session text collate "C",
  statement int,
  decision text collate "C",
  database text collate "C",
  -- From 0 to 1, of an alarm.
  risk float8,
  -- What it is found by: see audit/search-terms.ts.
  terms text[] collate "C" not null,
  line text not null
) partition by range (at);

create index event_at on event (at, stream, seq);
create index event_place on event (stream, seq);
create index event_session on event (session, statement) where session is not null;
create index event_risk on event (at, stream, seq, risk) where risk is not null;
create index event_terms on event using gin (terms);

create table session (
  session text collate "C" primary key,
  "grant" text collate "C" not null,
  principal text collate "C" not null,
  database text collate "C" not null,
  client text not null,
  application text,
  node text not null,
  started_at timestamptz(3) not null,
  ended_at timestamptz(3),
  end_reason text,
  end_detail text,
  statements bigint not null,
  denied bigint not null,
  rows bigint not null,
  bytes bigint not null,
  alarms bigint not null,
  risk float8
);

create index on session (started_at, session);
create index on session (principal, started_at, session);
create index on session (database, started_at, session);
create index on session ("grant", started_at, session);

create table alarm (
  alarm text collate "C" primary key,
  -- Of its flag: null while only its verdict has come.
  at timestamptz(3),
  day date,
  session text collate "C",
  statement int,
  principal text collate "C",
  database text collate "C",
  -- Of those without one: -1.
  score float8,
  flag text,
  -- Of the last verdict.
  judged_at timestamptz(3),
  word text,
  verdict text
);

create index on alarm (day, (-score), alarm) where verdict is null;
create index on alarm (judged_at, alarm) where verdict is not null;
create index on alarm (judged_at, word);
create index on alarm (session, statement);
create index on alarm (at, database);

-- How many statements with which decision, by the minute and by the hour.
create table tally (
  seconds int not null,
  at timestamptz(3) not null,
  stream int not null,
  database text collate "C" not null,
  decision text collate "C" not null,
  count bigint not null,
  primary key (seconds, at, stream, database, decision)
);

-- Where the spool was found broken when it was shipped.
create table fault (
  id bigint generated always as identity primary key,
  stream int not null references stream,
  place text not null,
  seq bigint,
  fault text not null,
  detail text not null,
  found_at timestamptz not null default now()
);

-- Signed heads of streams.
create table checkpoint (
  stream int not null references stream,
  seq bigint not null,
  line text not null,
  primary key (stream, seq)
);

-- Events that are gone since their time was over: what was before the first of them, and the last of them, signed.
create table retired (
  stream int not null references stream,
  first_seq bigint not null,
  first_prev text not null,
  last_seq bigint not null,
  last_hash text not null,
  line text not null,
  primary key (stream, first_seq)
);

-- When a partition was last written to, by this server's clock, to the hour: events keep their time by clocks that may be wrong.

create table received (
  partition text collate "C" primary key,
  at timestamptz not null
);

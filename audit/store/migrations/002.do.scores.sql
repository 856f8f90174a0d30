-- Of the last statements that the model looked at, the oldest first, each from 0 to 1.
alter table session add column scores float8[] not null default '{}';

-- Of a statement that the model looked at, or of its session then, from 0 to 1.
alter table event add column score float8;

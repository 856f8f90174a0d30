-- Of the last statements that the model looked at, the oldest first, each from 0 to 1.
alter table session add column scores float8[] not null default '{}';

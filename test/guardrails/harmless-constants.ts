/** What looks like the place of a secret and is none. */

/** A text, and what of it is to stay. */
export const HARMLESS: readonly (readonly [sql: string, kept: readonly string[]])[] = [
  [`INSERT INTO books (author, title) VALUES ('bob', 'Secrets of the sea')`, ['bob', 'Secrets of the sea']],
  [`SELECT * FROM kv WHERE key = 'color'`, ['color']],
  ['SELECT * FROM t WHERE primary_key = 4711', ['4711']],
  ['SELECT * FROM usage WHERE token_count > 4096 AND max_tokens = 512', ['4096', '512']],
  [`SELECT * FROM users WHERE password_changed_at > '2024-01-01'`, ['2024-01-01']],
  [`UPDATE users SET password_expired = true, must_change_password = 'yes' WHERE id=9`, ['9']],
  [`SELECT * FROM staff WHERE secretary = 'Mary'`, ['Mary']],
  [`SELECT * FROM passengers WHERE passenger = 'Mary' AND passport = 'x'`, ['Mary']],
  [
    `SELECT * FROM posts WHERE title = 'How to reset my password in three steps'`,
    ['reset my password in three steps'],
  ],
  [`SELECT to_tsvector('english', 'the token ring')`, ['token ring', 'english']],
  [`SELECT * FROM information_schema.key_column_usage WHERE constraint_name = 'users_pkey'`, ['users_pkey']],
  [`SELECT rolname, rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'bob'`, ['bob']],
  [`SELECT * FROM users WHERE password IS NULL AND name = 'bob'`, ['bob']],
  ['SELECT * FROM users WHERE length(password) < 8', ['8']],
  ['SELECT id, password FROM users ORDER BY 2 LIMIT 10', ['10', '2']],
  [`SELECT * FROM t WHERE monkey = 'Lou' AND keyboard = 'qwertz'`, ['Lou', 'qwertz']],
  [
    `SELECT * FROM t WHERE sort_key = 'abc' AND foreign_key = 'def' AND object_key = 'ghi'`,
    ['abc', 'def', 'ghi'],
  ],
  [`SELECT t.name FROM tokens t WHERE t.name = 'deploy'`, ['deploy']],
  [`SELECT * FROM log WHERE message LIKE '%password%'`, ['%password%']],
  [
    `INSERT INTO users (name, password, created) VALUES ('bob', 'x9Qqq1', '2024-05-06')`,
    ['bob', '2024-05-06'],
  ],
  [`SELECT * FROM settings WHERE password_policy = 'strict' AND password_min_length = 12`, ['strict', '12']],
  [`INSERT INTO events (title) VALUES ('secret santa party')`, ['secret santa party']],
  [`SELECT * FROM flights WHERE bypass = 'A1' AND compass = 'N'`, ['A1', 'N']],
  [`SELECT * FROM t WHERE id = '6f1f5a3e-8f1b-4c9a-9f5e-2f1d8b1a7c3d'`, ['6f1f5a3e']],
  [
    `SELECT * FROM commits WHERE sha = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'`,
    ['da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ],
  [
    `SELECT * FROM pages WHERE url = 'https://example.org/a?b=c&page=2'`,
    ['https://example.org/a?b=c&page=2'],
  ],
  [`SELECT * FROM t WHERE ts = '2024-01-01 10:20:30' AND x = 'a:b@c'`, ['10:20:30']],
  [
    `SELECT r.oid, r.rolname, r.rolcanlogin, ARRAY(SELECT b.rolname FROM pg_auth_members m JOIN pg_roles b ON (m.roleid = b.oid) WHERE m.member = r.oid) FROM pg_roles r WHERE r.rolname = 'bob' AND r.rolpassword IS NULL`,
    ['bob'],
  ],
  [
    `SELECT name, setting FROM pg_settings WHERE name IN ('password_encryption', 'work_mem', 'ssl_cert_file')`,
    ['work_mem', 'ssl_cert_file'],
  ],
  ['SHOW password_encryption', ['password_encryption']],
  [`SET password_encryption = 'scram-sha-256'`, ['scram-sha-256']],
  [
    `CREATE TABLE users (id int PRIMARY KEY, role text DEFAULT 'guest' CHECK (role IN ('guest','admin')), password text NOT NULL, created timestamptz DEFAULT now())`,
    ['guest', 'admin'],
  ],
  [`ALTER ROLE bob VALID UNTIL '2030-01-01'`, ['2030-01-01']],
  [
    `SELECT CASE WHEN password IS NULL THEN 'none' ELSE 'set' END AS state, 'x9' AS kind FROM users`,
    ['none', 'set', 'x9'],
  ],
  [`SELECT id, name FROM users WHERE name = 'bob' AND coalesce(password, 'nix') <> ''`, ['bob', 'nix']],
  [
    `SELECT * FROM tokens WHERE token_type = 'bearer' AND expires_at < '2025-01-01'`,
    ['bearer', '2025-01-01'],
  ],
  [
    `SELECT u.name FROM users u JOIN tokens t ON t.user_id = u.id WHERE u.name = 'bob' AND t.revoked = 'no'`,
    ['bob', 'no'],
  ],
  ['GRANT SELECT (name, password) ON users TO bob', ['bob']],
  [`SELECT * FROM ts_parse('default', 'a token')`, ['a token']],
  [`INSERT INTO audit (event, detail) VALUES ('password_reset', 'user 17 asked')`, ['password_reset']],
  [`SELECT value FROM settings WHERE key = 'theme' AND value = 'dark'`, ['theme', 'dark']],
  [`DELETE FROM tokens WHERE created_at < now() - interval '30 days'`, ['30 days']],
  [
    `UPDATE users SET name = 'bob', email = 'b@x.org', password_updated_at = '2024-01-02' WHERE id = 12345`,
    ['bob', 'b@x.org', '2024-01-02', '12345'],
  ],
  [`COPY users (name, password) TO STDOUT WITH (FORMAT csv, DELIMITER ';', NULL 'nil')`, [';', 'nil']],
  [`CREATE INDEX i ON users (password) WHERE kind = 'web'`, ['web']],
  [`COMMENT ON COLUMN users.password IS 'hashed by the app'`, ['hashed by the app']],
  [`CREATE TYPE token AS ENUM ('a1b2', 'c3d4')`, ['a1b2', 'c3d4']],
  [`DO $$ BEGIN RAISE NOTICE 'no token for %', 'bob'; END $$`, ['bob']],
  [
    `SELECT * FROM pages WHERE path = '/users/password/reset' AND lang = 'de'`,
    ['/users/password/reset', 'de'],
  ],
  ['ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (token_id) REFERENCES tokens (id)', ['token_id']],
  [
    `SELECT proname FROM pg_proc WHERE proname LIKE '%password%' OR prosrc ILIKE '%secret%'`,
    ['%password%', '%secret%'],
  ],
  [
    `CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.password = crypt(NEW.password, gen_salt('bf')); RETURN NEW; END $$`,
    [`NEW.password = crypt(NEW.password, gen_salt('bf'))`],
  ],
  [
    `DO $$ BEGIN EXECUTE 'delete from users where pw = ' || quote_literal(v_password); END $$`,
    ['delete from users where pw = '],
  ],
  [`SELECT dblink_exec('dbname=x', 'drop table users') AS password`, ['drop table users']],
  [
    `INSERT INTO tickets (title, body) VALUES ('Cannot log in', 'My password does not work since Monday, basic auth fails')`,
    ['Cannot log in', 'My password does not work since Monday, basic auth fails'],
  ],
  [`SELECT * FROM documents WHERE classification = 'secret'`, [`secret`]],
  [
    `INSERT INTO permissions (name) VALUES ('reset password'), ('view secrets')`,
    [`reset password`, `view secrets`],
  ],
  [
    `SELECT column_name FROM information_schema.columns WHERE column_name IN ('password', 'email', 'token')`,
    [`email`],
  ],
  [`SELECT * FROM users WHERE email = 'bob:smith@example.com'`, [`bob:smith@example.com`]],
  [
    `ALTER TABLE users ADD COLUMN password_reset_at timestamptz DEFAULT '2020-01-01', ADD COLUMN kind text DEFAULT 'k9'`,
    [`2020-01-01`, `k9`],
  ],
  [
    `INSERT INTO schema_migrations (version) VALUES ('20240101_add_password_to_users')`,
    [`20240101_add_password_to_users`],
  ],
  [`SET application_name = 'token-service'`, [`token-service`]],
  [
    `UPDATE tickets SET body = 'Basic training starts on 2024; bearer of news' WHERE id = 5`,
    [`Basic training starts on 2024; bearer of news`],
  ],
];

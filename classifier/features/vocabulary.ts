/**
 * Words that say what a statement does, whatever database it was meant for: an attacker's statement often is for
 * another product. Names of PostgreSQL are those of its manual (chapters 9 and 53).
 */
const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

export const FUNCTION_CLASSES = {
  delay:
    words(`pg_sleep pg_sleep_for pg_sleep_until sleep benchmark waitfor receive_message get_lock randomblob
    user_lock delay sleepms`),
  error:
    words(`extractvalue updatexml xmltype get_host_address get_host_name drithsx sn sqlid_to_sqlhash gtid_subset
    gtid_subtract geometrycollection multipoint multipolygon multilinestring linestring name_const
    getmappingxpath ordsys upg_createchecksum json_keys procedure analyse xpath exp raise_error convert_int db_name
    st_latfromgeohash st_longfromgeohash st_pointfromgeohash uuid_to_bin`),
  characters: words(`chr char ascii unicode ord hex unhex char_length nchar to_hex`),
  slicing:
    words(`substring substr substrb mid left right locate instr position strpos pg_catalog.substring get_byte
    split_part regexp_substring`),
  joining: words(`concat concat_ws group_concat wm_concat listagg xmlagg string_agg array_to_string`),
  choice: words(`if iif elt make_set nvl2 nvl ifnull choose`),
  file: words(`pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file load_file lo_import lo_export lo_create lo_put
    lo_from_bytea lo_get loread lowrite lo_open lo_creat
    pg_file_write pg_file_unlink pg_file_rename pg_logdir_ls readfile writefile utl_file openrowset
    load_extension`),
  network:
    words(`dblink dblink_exec dblink_connect dblink_connect_u dblink_open dblink_fetch dblink_send_query
    utl_http request httpuritype utl_smtp openquery opendatasource xp_dirtree xp_fileexist http_get http_post
    http pg_net_http_get`),
  command:
    words(`xp_cmdshell sys_exec sys_eval sp_executesql exec_it system shell exec sp_oacreate sp_configure
    java_run dbms_java dbms_scheduler dbms_export_extension`),
  whole: words(`query_to_xml query_to_xml_and_xmlschema table_to_xml table_to_xml_and_xmlschema schema_to_xml
    schema_to_xml_and_xmlschema database_to_xml database_to_xml_and_xmlschema cursor_to_xml query_to_xmlschema
    database_to_xmlschema schema_to_xmlschema table_to_xmlschema`),
  gathering:
    words(`array_agg string_agg json_agg jsonb_agg xmlagg json_object_agg jsonb_object_agg row_to_json
    to_json to_jsonb array_to_json json_build_array json_arrayagg group_concat`),
  hiding: words(`md5 encode decode convert_to convert_from sha224 sha256 sha384 sha512 digest encrypt
    pgp_sym_encrypt pgp_pub_encrypt compress to_base64 from_base64 quote_literal`),
  admin:
    words(`pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile set_config pg_switch_wal
    pg_promote pg_create_restore_point pg_drop_replication_slot pg_create_logical_replication_slot
    pg_logical_slot_get_changes pg_logical_slot_peek_changes pg_create_physical_replication_slot
    pg_replication_origin_create pg_stat_reset pg_stat_statements_reset pg_logical_emit_message
    pg_start_backup pg_backup_start`),
  identity: words(`version current_user session_user user current_database database schema current_schema
    inet_server_addr inet_server_port host_name servername serverproperty system_user sqlite_version banner
    pg_postmaster_start_time pg_conf_load_time is_srvrolemember current_query getpgusername has_table_privilege
    current_setting user_name suser_name`),
  random: words(`random rand newid gen_random_uuid rnd setseed`),
} as const;
export type FunctionClass = keyof typeof FUNCTION_CLASSES;

const CLASS_OF: ReadonlyMap<string, readonly FunctionClass[]> = (() => {
  const classes = new Map<string, FunctionClass[]>();
  for (const [name, members] of Object.entries(FUNCTION_CLASSES) as [FunctionClass, ReadonlySet<string>][])
    for (const member of members) classes.set(member, [...(classes.get(member) ?? []), name]);
  return classes;
})();

const NO_CLASS: readonly FunctionClass[] = [];

/** The classes of a function by its unqualified name in lower case. */
export const classesOf = (name: string): readonly FunctionClass[] => CLASS_OF.get(name) ?? NO_CLASS;

/** System catalogs of other products, by name or by schema. */
export const FOREIGN_CATALOGS =
  words(`dual sysmaster sysusers systables sysobjects syscolumns sysdatabases sysibm
  syscat sysibmadm qsys2 sqlite_master sqlite_schema sqlite_temp_master all_tables all_users all_objects all_tab_columns
  user_tables user_tab_columns dba_users dba_tables dba_data_files v$version v$instance v$session rdb$fields rdb$types
  rdb$collations rdb$functions rdb$relations rdb$database rdb$user_privileges mon$attachments msysobjects
  msysaccessobjects sysconfigures domain.tables domain.columns domain.domains domain.users innodb_table_stats
  x$schema master msdb mysql performance_schema sys utl_inaddr ctxsys dbms_pipe dbms_lock dbms_utility utl_http
  dbms_xmlgen dbms_ldap sysproc systypes syslogins`);

/** Catalogs that hold secrets or what others do. */
export const SECRET_CATALOGS = words(`pg_authid pg_shadow pg_user_mapping pg_user_mappings pg_hba_file_rules
  pg_largeobject pg_statistic pg_stats pg_subscription pg_file_settings pg_config pg_ident_file_mappings`);

/** Their columns with the secrets themselves. */
export const SECRET_COLUMNS = words(`passwd rolpassword umoptions subconninfo srvoptions`);

/** Of these catalogs all rows are secrets. */
export const SECRETS = words(`pg_authid pg_shadow pg_user_mapping pg_user_mappings pg_largeobject`);

export const PRIVILEGED_ROLES = words(`postgres superuser pg_execute_server_program pg_read_server_files
  pg_write_server_files pg_write_all_data pg_read_all_data rds_superuser cloudsqlsuperuser azure_pg_admin admin root dba pg_create_subscription pg_database_owner`);

/** Settings that decide what is logged or who may do what. */
export const GUARD_SETTINGS =
  /^(log_|pgaudit|session_replication_role|row_security|shared_preload|archive_command|wal_level|local_preload|dynamic_library_path|ssl_passphrase_command|restore_command|password_encryption|track_|logging_collector|event_triggers)/;

export const UNTRUSTED_LANGUAGES = words(
  `c plperlu plpythonu plpython2u plpython3u pltclu plsh pljava pljavau plrust plrustu plr plv8u plluau internal`,
);

/** Extensions that bring programs, files or hosts into reach, beside the untrusted languages themselves. */
export const REACHING_EXTENSIONS = words(
  `adminpack dblink file_fdw http mysql_fdw oracle_fdw pg_background pg_cron pg_net pg_surgery
  postgres_fdw redis_fdw tds_fdw multicorn plproxy pg_curl system_stats pageinspect`,
);

/** Words of notes that ask for ransom. */
export const RANSOM =
  /\b(bit-?coins?|btc|monero|xmr|ransom|onion|wallet)\b|\b(recover|restore|regain|get (them )?back|return|decrypt)\b.{0,40}\b(data|databases?|tables?|files)\b|\b(your|all|the) (data|databases?|tables?|files|rows)\b.{0,40}\b(encrypted|locked|backed up|stolen|copied|leak|deleted|in our hands)/i;

/** Names that such notes have. */
export const RANSOM_NAMES =
  /^(please_?)?read_?me|^readme|please_read|recover_?(your|my|all)|how_?to_?(get|restore|recover|decrypt|pay)|ransom|bit_?coin|(^|_)btc(_|$)|hacked|pwned|your_(data|db|database)|all_your_/;

/** Names of trails that attacks cover up. */
export const TRAILS =
  /(^|[._])(audit\w*|pgaudit|access_logs?|security_(log|event)s?|event_logs?|login_(attempts|history)|activity_logs?|logged_actions|history_log)([._]|$)/;

/** Words of column and relation names that stand for secrets or people. */
export const PERSONAL_WORDS =
  /(passw|passwd|pwd|secret|token|credential|api_?key|private_?key|priv_?key|hmac|ssn|social_sec|tax_?id|national_id|iban|account_n|card|cvv|cvc|dob|birth|salary|wage|email|e_?mail|phone|mobile|address|passport|licen[cs]e_n|diagnos|medical|otp|mfa|session_key|recovery|security_(q|a)|login_code|full_?name|first_?name|last_?name|surname|customer|patient|employee|payroll|payment)/;

/** Words kept by the bag of tokens; every other word is one of a few classes. */
export const KEYWORDS =
  words(`select from where and or not null is in exists between like ilike similar union all
  intersect except order group by having limit offset fetch asc desc as on using join inner left right full outer cross
  natural lateral with recursive case when then else end cast distinct values insert into update set delete truncate
  returning conflict do nothing default create alter drop table view index function procedure trigger rule policy schema
  database role user extension server sequence type domain column constraint materialized temp temporary unlogged if
  replace cascade restrict only grant revoke to public owner superuser login password privileges copy program stdin
  stdout csv header declare cursor hold for explain analyze begin commit rollback savepoint lock vacuum prepare execute
  deallocate listen notify security definer language returns immutable foreign data wrapper mapping publication
  subscription replication system row share access exclusive mode true false interval timestamp date array any some
  filter over partition window primary key references check unique count sum min max avg coalesce nullif greatest least
  rlike regexp div xor limit top go exec waitfor delay procedure analyse outfile dumpfile load handler shutdown
  show reset call merge matched comment cluster reindex discard import refresh reassign owned`);

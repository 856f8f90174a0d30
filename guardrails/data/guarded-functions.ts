/**
 * Built-in functions of PostgreSQL 13-18 that do more than compute: by class, and within it by the reason that a denial
 * gives. Reviewed by hand: every volatile function, every function that is not executable by PUBLIC, and every function
 * that takes the name of a relation, type, file, setting or cursor, or a text of SQL. Names as in pg_proc; one harmful
 * overload puts the whole name here.
 */
export const guardedFunctions = {
  /** SQL, or code found by a name or OID in an argument, which no reader of the statement sees. */
  'runs-sql': {
    'it runs the SQL in its argument': `
      query_to_xml query_to_xml_and_xmlschema query_to_xmlschema
      ts_rewrite ts_stat
    `,
    'it reads the relations that its argument names': `
      database_to_xml database_to_xml_and_xmlschema database_to_xmlschema
      schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema
      table_to_xml table_to_xml_and_xmlschema table_to_xmlschema
    `,
    'it runs the query of the cursor that its argument names': `
      cursor_to_xml cursor_to_xmlschema
    `,
    'it runs the checks of a type that only its arguments name': `
      array_in array_recv domain_in domain_recv multirange_in multirange_recv range_in range_recv record_in record_recv
      pg_input_error_info pg_input_is_valid
    `,
    'it calls functions of a relation that only its argument names': `
      satisfies_hash_partition
    `,
  },
  /** Other sessions, other relations' rows, the inside of the server. */
  'reads-other-data': {
    'it tells about other sessions': `
      pg_blocking_pids pg_isolation_test_session_is_blocked pg_prepared_xact pg_safe_snapshot_blocking_pids
      pg_stat_get_activity pg_stat_get_backend_activity pg_stat_get_backend_activity_start
      pg_stat_get_backend_client_addr pg_stat_get_backend_client_port pg_stat_get_backend_dbid
      pg_stat_get_backend_idset pg_stat_get_backend_io pg_stat_get_backend_pid pg_stat_get_backend_start
      pg_stat_get_backend_subxact pg_stat_get_backend_userid pg_stat_get_backend_wait_event
      pg_stat_get_backend_wait_event_type pg_stat_get_backend_wal pg_stat_get_backend_xact_start
      pg_stat_get_progress_info
    `,
    'it looks for rows of a relation that only its argument names': `
      currtid currtid2
    `,
    'it tells about replication': `
      pg_available_wal_summaries pg_get_replication_slots pg_get_wal_summarizer_state pg_stat_get_replication_slot
      pg_stat_get_subscription pg_stat_get_subscription_stats pg_stat_get_wal_receiver pg_stat_get_wal_senders
      pg_wal_summary_contents
    `,
    'it tells about the inside of the server': `
      pg_config pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules pg_get_shmem_allocations
      pg_get_shmem_allocations_numa pg_stat_have_stats
    `,
  },
  files: {
    'it reads files of the server': `
      pg_read_binary_file pg_read_file pg_read_file_old
    `,
    'it tells which files the server has': `
      pg_current_logfile pg_ls_archive_statusdir pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir pg_ls_logicalsnapdir
      pg_ls_replslotdir pg_ls_summariesdir pg_ls_tmpdir pg_ls_waldir pg_stat_file
    `,
    'it shows what the configuration files of the server say': `
      pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings
    `,
    'it copies between large objects and files of the server': `
      lo_export lo_import
    `,
  },
  /** Data that no relation's scope covers. */
  'large-object': {
    'it reads large objects, which no scope of relations covers': `
      lo_close lo_get lo_lseek lo_lseek64 lo_open lo_tell lo_tell64 loread
    `,
    'it writes large objects, which no scope of relations covers': `
      lo_creat lo_create lo_from_bytea lo_put lo_truncate lo_truncate64 lo_unlink lowrite
    `,
  },
  /** What stays when the statement is over, as long as the session or the transaction does. */
  session: {
    'it changes a setting whose name is computed as the statement runs': `
      set_config
    `,
    'it opens the snapshot of its transaction to other sessions': `
      pg_export_snapshot
    `,
  },
  /** The server as a whole. */
  server: {
    'it acts on the server as a whole': `
      pg_reload_conf pg_rotate_logfile pg_rotate_logfile_old
    `,
    'it changes the system catalog beside the usual commands': `
      pg_extension_config_dump pg_import_system_collations pg_nextoid pg_stop_making_pinned_objects
    `,
    'it steers backup, recovery or the write-ahead log': `
      pg_backup_start pg_backup_stop pg_create_restore_point pg_log_standby_snapshot pg_logical_emit_message pg_promote
      pg_start_backup pg_stop_backup pg_switch_wal pg_wal_replay_pause pg_wal_replay_resume
    `,
    'it is about replication slots': `
      pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_create_logical_replication_slot
      pg_create_physical_replication_slot pg_drop_replication_slot pg_replication_slot_advance
      pg_sync_replication_slots
    `,
    'it is about the progress of replication': `
      pg_replication_origin_advance pg_replication_origin_create pg_replication_origin_drop pg_replication_origin_oid
      pg_replication_origin_progress pg_replication_origin_session_is_setup pg_replication_origin_session_progress
      pg_replication_origin_session_reset pg_replication_origin_session_setup pg_replication_origin_xact_reset
      pg_replication_origin_xact_setup pg_show_replication_origin_status
    `,
    "it changes the planner's statistics": `
      pg_clear_attribute_stats pg_clear_relation_stats pg_restore_attribute_stats pg_restore_relation_stats
    `,
    'it resets counters that others watch': `
      pg_stat_reset pg_stat_reset_backend_stats pg_stat_reset_replication_slot pg_stat_reset_shared
      pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters pg_stat_reset_slru
      pg_stat_reset_subscription_stats
    `,
    'it maintains an index that only its argument names': `
      brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
    `,
    'it is for pg_upgrade alone': `
      binary_upgrade_add_sub_rel_state binary_upgrade_create_empty_extension
      binary_upgrade_logical_slot_has_caught_up binary_upgrade_replorigin_advance binary_upgrade_set_missing_value
      binary_upgrade_set_next_array_pg_type_oid binary_upgrade_set_next_heap_pg_class_oid
      binary_upgrade_set_next_heap_relfilenode binary_upgrade_set_next_index_pg_class_oid
      binary_upgrade_set_next_index_relfilenode binary_upgrade_set_next_multirange_array_pg_type_oid
      binary_upgrade_set_next_multirange_pg_type_oid binary_upgrade_set_next_pg_authid_oid
      binary_upgrade_set_next_pg_enum_oid binary_upgrade_set_next_pg_tablespace_oid
      binary_upgrade_set_next_pg_type_oid binary_upgrade_set_next_toast_pg_class_oid
      binary_upgrade_set_next_toast_pg_type_oid binary_upgrade_set_next_toast_relfilenode
      binary_upgrade_set_record_init_privs
    `,
  },
  signals: {
    'it cancels or ends what other sessions do': `
      pg_cancel_backend pg_terminate_backend
    `,
    'it makes other processes write to the log': `
      pg_log_backend_memory_contexts
    `,
  },
  sleeps: {
    'it holds a connection for as long as it is told': `
      pg_sleep pg_sleep_for pg_sleep_until
    `,
  },
  locks: {
    'it takes an advisory lock, which applications coordinate by': `
      pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared
      pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
    `,
  },
  /** Writes to a sequence. (currval and lastval only repeat what the session drew itself.) */
  sequence: {
    'it changes a sequence whose name is computed as the statement runs': `
      nextval setval
    `,
  },
  notify: {
    'it notifies other sessions': `
      pg_notify
    `,
  },
  export: {
    'it streams the changes of the whole database': `
      pg_logical_slot_get_binary_changes pg_logical_slot_get_changes pg_logical_slot_peek_binary_changes
      pg_logical_slot_peek_changes
    `,
  },
} as const;

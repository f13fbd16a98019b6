# The list of fuzz targets (examples have their own); one whose backend is not built is left out. scripts/fuzz reads the names here, too.

interplay_add_target(NAME fuzz_sqlite SOURCES fuzz_sqlite.c BACKEND sqlite
  CANARY fuzz_canary --canary=lost_commit snapshot)
interplay_add_target(NAME fuzz_memory SOURCES fuzz_memory.c BACKEND memory
  CANARY fuzz_pool_canary --canary=returned_in_transaction pool)

interplay_add_target(NAME fuzz_store SOURCES fuzz_store.c BACKEND store
  CANARY fuzz_store_canary --canary=store_dirty_read isolation)

# Needs a server: a private one is started.
interplay_add_target(NAME fuzz_postgres SOURCES fuzz_postgres.c BACKEND postgres
  CANARY fuzz_postgres_canary --canary=postgres_trusted_tag error-class/ok)

# The server is Interplay's own, in the same process.
interplay_add_target(NAME fuzz_mssql SOURCES fuzz_mssql.c BACKEND mssql
  CANARY fuzz_mssql_canary --canary=mssql_foreign_reply isolation)

# Two versions of SQLite side by side.
if(TARGET interplay_backend_sqlite_beside)
  interplay_add_target(NAME fuzz_differential SOURCES fuzz_differential.c BACKEND sqlite
    LIBRARIES interplay_backend_sqlite_beside
    CANARY fuzz_differential_canary --canary=differential_type differential/rows)
  # One of them with a planted difference.
  interplay_add_target(NAME fuzz_differential_canary
    SOURCES
      ../tests/canaries/canary.c
      ../tests/canaries/fuzz_differential_canary.c
    BACKEND sqlite
    LIBRARIES interplay_backend_sqlite_beside
    CANARY fuzz_differential_canary --canary=differential_row_order differential/row-order)
endif()

# A stack that lies: what is tested is the harness.
interplay_add_target(NAME fuzz_harness SOURCES fuzz_harness.c lying_stack.c BACKEND sqlite
  LIBRARIES interplay_backend_memory interplay_backend_store
  CANARY fuzz_harness --canary=misuse misuse)

# A pool that takes what plans ask as it is asked.
interplay_add_target(NAME fuzz_plain_pool SOURCES ../tests/plain_pool/fuzz_plain_pool.c
  POOL ../tests/plain_pool/plain_pool.c
  BACKEND sqlite
  CANARY fuzz_plain_pool --mistake=savepoint pool/handed-out-in-transaction)

# A pool that keeps all that a pool can promise, and mistakes that the field has made.
interplay_add_target(NAME fuzz_field_pool SOURCES ../tests/field_pools/fuzz_field_pool.c
  POOL
    ../tests/field_pools/cancel_hits_next_call.c
    ../tests/field_pools/cancelled_begin.c
    ../tests/field_pools/early_flag.c
    ../tests/field_pools/eaten_wakeup.c
    ../tests/field_pools/failed_commit.c
    ../tests/field_pools/failed_connect.c
    ../tests/field_pools/field_pool.c
    ../tests/field_pools/lost_busy_timeout.c
    ../tests/field_pools/missed_wakeup.c
    ../tests/field_pools/rollback_to.c
    ../tests/field_pools/session_leaks.c
    ../tests/field_pools/spin.c
    ../tests/field_pools/stale_columns.c
    ../tests/field_pools/starvation.c
    ../tests/field_pools/two_crashes.c
  BACKEND sqlite
  CANARY fuzz_field_pool --mistake=failed_commit snapshot)

# SQLite with a planted bug: proves the oracles (tests/canary_test.sh).
interplay_add_target(NAME fuzz_canary
  SOURCES
    ../tests/canaries/canaries.c
    ../tests/canaries/canary.c
    ../tests/canaries/decorator.c
    ../tests/canaries/fuzz_canary.c
    ../tests/canaries/isolation_canaries.c
    ../tests/canaries/vfs_canaries.c
  BACKEND sqlite
  CANARY fuzz_canary --canary=leaked_connection resources)

# The versioned store with a planted bug: proves the oracle of isolation.
interplay_add_target(NAME fuzz_store_canary
  SOURCES
    ../tests/canaries/canary.c
    ../tests/canaries/fuzz_store_canary.c
  BACKEND store
  CANARY fuzz_store_canary --canary=store_dirty_read isolation)

# The pool with a planted bug, in front of these functions of its: proves the pool oracle.
interplay_add_target(NAME fuzz_pool_canary
  SOURCES
    ../tests/canaries/canary.c
    ../tests/canaries/fuzz_pool_canary.c
    ../tests/canaries/pool_canaries.c
  BACKEND memory
  CANARY fuzz_pool_canary --canary=broken_handed_out pool
  WRAP
    actor_release
    connection_begin
    connection_commit
    connection_failed
    connection_in_transaction
    connection_interrupt
    connection_is_broken
    connection_rollback
    connection_start_stepping
    lease_cancel
    lease_rollback
    mailbox_has_room
    mailbox_push
    pool_check_out
    pool_give_back
    slot_wake_waiter
    statement_cache_evict
    wait_queue_refuse_all
    wait_queue_wait)

# PostgreSQL's client side with a planted bug, in front of these functions of its and of the pool's.
interplay_add_target(NAME fuzz_postgres_canary
  SOURCES
    ../tests/canaries/canary.c
    ../tests/canaries/fuzz_postgres_canary.c
    ../tests/canaries/postgres_canaries.c
  BACKEND postgres
  CANARY fuzz_postgres_canary --canary=postgres_trusted_tag error-class/ok
  WRAP
    connection_commit
    connection_is_broken
    connection_rollback
    pool_give_back
    postgres_cancel_forget
    postgres_column
    postgres_refuse
    postgres_send
    postgres_settings_setup)

# The same of SQL Server's.
interplay_add_target(NAME fuzz_mssql_canary
  SOURCES
    ../tests/canaries/canary.c
    ../tests/canaries/fuzz_mssql_canary.c
    ../tests/canaries/mssql_canaries.c
  BACKEND mssql
  CANARY fuzz_mssql_canary --canary=mssql_foreign_reply isolation
  WRAP
    connection_commit
    connection_is_broken
    dbclose
    mssql_cancel_forget
    mssql_end_exchange
    mssql_take_row)

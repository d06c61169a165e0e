# Sources of graph_test, one per .cc with logic.
qipu_test(graph
  SOURCES
    graph/value_test.cc
    graph/json_test.cc
    graph/schema_test.cc
    graph/element_test.cc
    graph/codec_test.cc
    graph/adjacency_test.cc
    graph/index_codec_test.cc
    graph/index_test.cc
    graph/index_model_test.cc
    graph/text_test.cc
    graph/bulk_batch_test.cc
    graph/bulk_load_test.cc
    graph/change_test.cc
    graph/store_test.cc
    graph/transaction_test.cc
    graph/snapshot_test.cc
    graph/fault_test.cc
    graph/golden_test.cc
    graph/hub_test.cc
    graph/history_test.cc
    graph/kill_test.cc
    graph/sync_test.cc
    graph/model_test.cc
    graph/analytics_test.cc
    graph/columnar_test.cc
    graph/verify_test.cc
    graph/verify_derived_test.cc
    graph/flipped_bytes_test.cc
    graph/rebuild_test.cc
    graph/backup_test.cc
    graph/statistics_test.cc
  LIBS qipu::graph RocksDB::rocksdb-shared)
# A third of the build. Not everywhere: g++ 12 then warns falsely of strings in some other tests.
target_precompile_headers(graph_test PRIVATE <gmock/gmock.h>)

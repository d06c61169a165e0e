# Sources of graph_test, one per .cc with logic.
qipu_test(graph
  SOURCES
    graph/transaction_test.cc
  LIBS qipu::graph RocksDB::rocksdb-shared)

# Sources of ingest_test, one per .cc with logic.
qipu_test(ingest
  SOURCES
    ingest/amount_test.cc
    ingest/chain_test.cc
    ingest/classify_rules_test.cc
    ingest/classify_test.cc
    ingest/csv_fault_test.cc
    ingest/csv_test.cc
    ingest/date_test.cc
    ingest/field_test.cc
    ingest/fit_test.cc
    ingest/fold_test.cc
    ingest/hash_test.cc
    ingest/identifier_test.cc
    ingest/loader_test.cc
    ingest/mapping_test.cc
    ingest/pipeline_test.cc
    ingest/place_quality_test.cc
    ingest/place_reference.cc
    ingest/place_table_test.cc
    ingest/place_test.cc
    ingest/registry_test.cc
    ingest/rejects_test.cc
    ingest/runs_test.cc
    ingest/table_file_test.cc
    ingest/text_test.cc
  LIBS qipu::ingest)

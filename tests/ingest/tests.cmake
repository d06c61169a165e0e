# Sources of ingest_test, one per .cc with logic.

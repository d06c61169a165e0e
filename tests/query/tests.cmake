# Sources of query_test, one per .cc with logic.

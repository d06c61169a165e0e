# Sources of graph_test, one per .cc with logic.

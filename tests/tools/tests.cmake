# Sources of tools_test, one per .cc with logic.

# Sources of query_test, one per .cc with logic.
qipu_test(query
  SOURCES
    query/lexer_test.cc
    query/parser_test.cc
  LIBS qipu::query)

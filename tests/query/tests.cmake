# Sources of query_test, one per .cc with logic.
qipu_test(query
  SOURCES
    query/algorithms_test.cc
    query/asem_test.cc
    query/concentration_test.cc
    query/coverage_test.cc
    query/density_test.cc
    query/score_numbers_test.cc
    query/score_test.cc
    query/lexer_test.cc
    query/cases_test.cc
    query/engine_test.cc
    query/fuzz_test.cc
    query/fixture.cc
    query/parser_test.cc
    query/type_graph_test.cc
  LIBS qipu::query)

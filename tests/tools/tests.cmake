# Sources of tools_test, one per .cc with logic.
qipu_test(tools
  SOURCES
    tools/output_test.cc
  LIBS qipu::tools)

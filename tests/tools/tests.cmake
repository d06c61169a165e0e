# Sources of tools_test, one per .cc with logic.
qipu_test(tools
  SOURCES
    tools/figures_demo.cc
    tools/figures_map_test.cc
    tools/figures_model_test.cc
    tools/figures_strips_test.cc
    tools/figures_text_test.cc
    tools/output_test.cc
  LIBS qipu::tools)

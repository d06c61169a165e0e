# Sources of tools_test, one per .cc with logic.
qipu_test(tools
  SOURCES
    tools/dump_test.cc
    tools/export_test.cc
    tools/figures_demo.cc
    tools/figures_map_test.cc
    tools/figures_model_test.cc
    tools/figures_strips_test.cc
    tools/figures_text_test.cc
    tools/map_command_test.cc
    tools/output_test.cc
  LIBS qipu::tools)

# The binary as a user runs it. What it takes of memory is measured without sanitizers.
if(NOT QIPU_SANITIZE)
  set(memory_test memory_test.py)
endif()
foreach(script bad_input_test.py bad_reference_test.py keeping_test.py ${memory_test}
               recount_demonstration_test.py recount_registry_test.py recount_score_test.py)
  cmake_path(GET script STEM suite)
  add_test(NAME end_to_end.${suite}
           COMMAND /usr/bin/python3 -B ${PROJECT_SOURCE_DIR}/tests/tools/${script})
  set_tests_properties(end_to_end.${suite} PROPERTIES LABELS tools TIMEOUT 900
                       ENVIRONMENT "QIPU_BINARY=$<TARGET_FILE:qipu>;QIPU_SHARED=${QIPU_SHARED}")
endforeach()

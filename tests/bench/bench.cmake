# Programs that measure; no test runs them. Build one with `ninja bench_commit`,
# `ninja bench_import` and so on.
add_executable(bench_commit EXCLUDE_FROM_ALL bench/commit.cc)
target_link_libraries(bench_commit PRIVATE qipu::graph)
add_executable(bench_import EXCLUDE_FROM_ALL bench/import.cc)
target_link_libraries(bench_import PRIVATE qipu::ingest ${JEMALLOC})
add_executable(bench_load EXCLUDE_FROM_ALL bench/load.cc bench/landscape.cc)
target_link_libraries(bench_load PRIVATE qipu::graph qipu::ingest ${JEMALLOC})
add_executable(bench_graph EXCLUDE_FROM_ALL bench/graph.cc bench/landscape.cc)
target_link_libraries(bench_graph PRIVATE qipu::graph qipu::ingest ${JEMALLOC})

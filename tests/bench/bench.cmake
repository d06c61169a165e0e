# Programs that measure; no test runs them. Build one with `ninja bench_commit`.
add_executable(bench_commit EXCLUDE_FROM_ALL bench/commit.cc)
target_link_libraries(bench_commit PRIVATE qipu::graph)

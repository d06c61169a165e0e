# Fuzz targets. The tests run each on mutations of its seeds, from a fixed seed. A fuzzer that
# learns: CXX=afl-g++-fast (Debian's afl++), then afl-fuzz -i SEEDS -o FOUND -- build/tests/fuzz_X @@
function(qipu_fuzz target)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  add_executable(fuzz_${target} fuzz/driver.cc fuzz/${target}.cc)
  target_link_libraries(fuzz_${target} PRIVATE ${ARG_LIBS})
  add_test(NAME fuzz.${target} COMMAND fuzz_${target})
  set_tests_properties(fuzz.${target} PROPERTIES LABELS fuzz)
endfunction()

qipu_fuzz(rows LIBS qipu::graph RocksDB::rocksdb-shared)
qipu_fuzz(snapshot_file LIBS qipu::graph RocksDB::rocksdb-shared)

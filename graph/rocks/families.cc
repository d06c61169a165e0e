#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr size_t kHintPrefixBytes = 4;  // the same in all keys that one commit adds side by side

enum class Reads {
  kPoint,   ///< mostly single keys, often absent ones: small blocks, a filter on whole keys
  kPrefix,  ///< mostly runs under one prefix, or whole scans: larger blocks
};

struct FamilyTraits {
  std::string_view name;
  Reads reads;
  bool lists;  ///< values are lists that take deltas
};

// In the order of enum Family.
constexpr FamilyTraits kFamilies[kFamilyCount] = {
    {"default", Reads::kPoint, false},   {"keys", Reads::kPoint, false},
    {"vertices", Reads::kPrefix, false}, {"labels", Reads::kPrefix, true},
    {"out", Reads::kPrefix, true},       {"in", Reads::kPrefix, true},
    {"ledger", Reads::kPoint, false},    {"changes", Reads::kPrefix, false},
    {"indexes", Reads::kPrefix, false},  {"postings", Reads::kPrefix, true},
};

/// `wanted` if this build of RocksDB has it, else no compression.
rocksdb::CompressionType IfSupported(rocksdb::CompressionType wanted) {
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool there = std::find(supported.begin(), supported.end(), wanted) != supported.end();
  return there ? wanted : rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions TableOptions(const FamilyTraits& traits,
                                             std::shared_ptr<rocksdb::Cache> cache) {
  constexpr double kFilterBitsPerKey = 10;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  // Index and filter in the cache: memory stays within the one budget.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.pin_top_level_index_and_filter = true;
  // In parts: a whole filter of a large table does not fit a small cache and would be read for
  // every key that is asked for.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 16 * 1024;
  table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(kFilterBitsPerKey, 1));
  table.whole_key_filtering = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  if (traits.reads == Reads::kPoint) {
    table.block_size = 8 * 1024;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  } else {
    table.block_size = 16 * 1024;
  }
  return table;
}

}  // namespace

std::string_view FamilyName(Family family) { return kFamilies[static_cast<size_t>(family)].name; }

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, std::shared_ptr<rocksdb::Cache> cache,
                                   uint64_t memory_bytes) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = false;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Write buffers are charged to the block cache: both together keep to memory_bytes.
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(memory_bytes / 2, std::move(cache));
  // Who opens a database replays its logs, readers beside a writer each time: 128 MiB take 0.7 s.
  options.max_total_wal_size = std::clamp(memory_bytes / 4, 16 * kMiB, 128 * kMiB);
  options.max_background_jobs = 2;
  options.bytes_per_sync = kMiB;
  options.wal_bytes_per_sync = kMiB;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 4 * kMiB;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, std::shared_ptr<rocksdb::Cache> cache,
                                           uint64_t memory_bytes) {
  const FamilyTraits& traits = kFamilies[static_cast<size_t>(family)];
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = std::clamp(memory_bytes / 8, 4 * kMiB, 128 * kMiB);
  options.max_write_buffer_number = 3;
  options.level_compaction_dynamic_level_bytes = true;
  // Each large commit brings a file to level 0: a load of several is merged once, not all along.
  options.level0_file_num_compaction_trigger = 8;
  options.compression = IfSupported(rocksdb::kLZ4Compression);
  options.bottommost_compression = IfSupported(rocksdb::kZSTD);
  // A point read of an absent key, the usual case of a load, ends at these filters.
  options.memtable_whole_key_filtering = traits.reads == Reads::kPoint;
  options.memtable_prefix_bloom_size_ratio = traits.reads == Reads::kPoint ? 0.1 : 0;
  // Commits write in key order: an insert starts from the last one instead of from the top. Not
  // where an index is dropped: RocksDB 7.8 takes the hint for its range tombstones too, which lie
  // in another list.
  if (family != Family::kIndexes && family != Family::kPostings) {
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewCappedPrefixTransform(kHintPrefixBytes));
  }
  if (traits.lists) options.merge_operator = ListMergeOperator();
  options.table_factory.reset(
      rocksdb::NewBlockBasedTableFactory(TableOptions(traits, std::move(cache))));
  return options;
}

}  // namespace qipu::graph::rocks

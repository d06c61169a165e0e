#include <rocksdb/metadata.h>

#include "graph/rocks/keeping.h"

namespace qipu::graph::rocks {

FamilySize SizeOf(const Database& database, Family family) {
  FamilySize size;
  rocksdb::ColumnFamilyMetaData metadata;
  database.db().GetColumnFamilyMetaData(database.handle(family), &metadata);
  size.tables = metadata.file_count;
  size.bytes = metadata.size;
  const bool known = database.db().GetIntProperty(
      database.handle(family), rocksdb::DB::Properties::kEstimateNumKeys, &size.rows);
  if (!known) size.rows = 0;
  return size;
}

}  // namespace qipu::graph::rocks

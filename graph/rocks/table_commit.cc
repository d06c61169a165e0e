#include <algorithm>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {

bool Database::FitsTables(Batch& batch) {
  return !batch.has_range_ &&
         std::all_of(batch.families_.begin(), batch.families_.end(), Batch::Sort);
}

Result<std::vector<Database::Tables>> Database::WriteTables(Batch& batch) const {
  const std::string folder = QIPU_TRY(MakeStaging(*env()->GetFileSystem(), directory_));
  std::vector<std::pair<Family, std::unique_ptr<TableWriter>>> writers;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    Batch::Rows& rows = batch.families_[i];
    if (rows.blocks.empty()) continue;
    const auto family = static_cast<Family>(i);
    writers.emplace_back(
        family, std::make_unique<TableWriter>(*this, family,
                                              folder + '/' + std::string(FamilyName(family))));
    for (RowBlock& block : rows.blocks) writers.back().second->Add(block);
    rows.blocks.clear();
  }
  std::vector<Tables> tables;
  for (auto& [family, writer] : writers) {
    auto files = QIPU_TRY(writer->Finish());
    tables.push_back({family, std::move(files)});
  }
  return tables;
}

}  // namespace qipu::graph::rocks

#include "ingest/pipeline.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace qipu::ingest {
namespace {

/// Records as read, with their bytes: a reader's views live only until its next record.
class RawBatch {
 public:
  size_t sequence = 0;
  size_t file = 0;
  bool ends_file = false;

  void Add(const RawRecord& record) {
    Entry entry{record.number,        record.span,  Keep(record.raw),     fields_.size(),
                record.fields.size(), record.fault, record.repeats_header};
    for (const auto field : record.fields) fields_.push_back(Keep(field));
    entries_.push_back(std::move(entry));
    bytes_read_ += record.span.byte_length;
  }
  bool full() const {
    return entries_.size() >= kRecordsPerBatch || bytes_.size() >= kBytesPerBatch;
  }
  size_t size() const { return entries_.size(); }
  uint64_t bytes_read() const { return bytes_read_; }

  /// `record` is valid until the batch changes.
  void Get(size_t i, RawRecord& record) const {
    const Entry& entry = entries_[i];
    record.number = entry.number;
    record.span = entry.span;
    record.raw = Text(entry.raw);
    record.fault = entry.fault;
    record.repeats_header = entry.repeats_header;
    record.fields.clear();
    for (size_t f = 0; f < entry.field_count; ++f) {
      record.fields.push_back(Text(fields_[entry.first_field + f]));
    }
  }

 private:
  struct Slice {
    size_t start = 0, size = 0;
  };
  struct Entry {
    uint64_t number;
    Span span;
    Slice raw;
    size_t first_field, field_count;
    std::optional<Fault> fault;
    bool repeats_header;
  };
  Slice Keep(std::string_view text) {
    const Slice slice{bytes_.size(), text.size()};
    bytes_.append(text);
    return slice;
  }
  std::string_view Text(const Slice& slice) const {
    return std::string_view(bytes_).substr(slice.start, slice.size);
  }

  std::string bytes_;
  std::vector<Slice> fields_;
  std::vector<Entry> entries_;
  uint64_t bytes_read_ = 0;
};

}  // namespace

struct Pipeline::State {
  State(const Source& with, std::vector<FileToRead> what, Depth how)
      : source(with), files(std::move(what)), depth(how) {}

  void Read();
  /// False when the pipeline is to stop.
  bool ReadFile(size_t file);
  bool Push(RawBatch batch);
  void Fail(Error error);
  void Work();
  MappedBatch MapBatch(const RawBatch& batch, std::map<size_t, Mapper>& mappers) const;

  const Source& source;
  const std::vector<FileToRead> files;
  const Depth depth;
  size_t batches_max = kBatchesPerThread;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<RawBatch> waiting;            // for a mapper
  std::map<size_t, MappedBatch> finished;  // by sequence
  size_t pushed = 0, taken = 0;            // batches by the reader, by Next
  bool read_all = false, stop = false;
  std::optional<Error> failure;
  std::vector<std::jthread> threads;
};

bool Pipeline::State::Push(RawBatch batch) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return stop || pushed - taken < batches_max; });
  if (stop) return false;
  batch.sequence = pushed++;
  waiting.push_back(std::move(batch));
  changed.notify_all();
  return true;
}

void Pipeline::State::Fail(Error error) {
  const std::lock_guard lock(mutex);
  failure = std::move(error);
}

bool Pipeline::State::ReadFile(size_t file) {
  auto reader = CsvReader::Open(files[file].path, source.mapping().dialect);
  if (!reader.ok()) {
    Fail(reader.error());
    return false;
  }
  RawBatch batch;
  batch.file = file;
  RawRecord record;
  while (true) {
    const auto more = (*reader)->Next(record);
    if (!more.ok()) {
      Fail(more.error());
      return false;
    }
    if (!*more) break;
    if (record.number <= files[file].skip_records) continue;
    batch.Add(record);
    if (!batch.full()) continue;
    if (!Push(std::move(batch))) return false;
    batch = RawBatch();
    batch.file = file;
  }
  batch.ends_file = true;
  return Push(std::move(batch));
}

void Pipeline::State::Read() {
  bool going = true;
  for (size_t file = 0; going && file < files.size(); ++file) going = ReadFile(file);
  const std::lock_guard lock(mutex);
  read_all = true;
  changed.notify_all();
}

MappedBatch Pipeline::State::MapBatch(const RawBatch& batch,
                                      std::map<size_t, Mapper>& mappers) const {
  auto& mapper = mappers.try_emplace(batch.file, source, files[batch.file].columns).first->second;
  MappedBatch mapped;
  mapped.file = batch.file;
  mapped.bytes = batch.bytes_read();
  mapped.ends_file = batch.ends_file;
  mapped.records.reserve(batch.size());
  RawRecord record;
  for (size_t i = 0; i < batch.size(); ++i) {
    batch.Get(i, record);
    mapped.records.push_back(mapper.Map(record, depth));
  }
  return mapped;
}

void Pipeline::State::Work() {
  std::map<size_t, Mapper> mappers;
  while (true) {
    RawBatch batch;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stop || !waiting.empty() || read_all; });
      if (stop || waiting.empty()) return;
      batch = std::move(waiting.front());
      waiting.pop_front();
    }
    mappers.erase(mappers.begin(), mappers.lower_bound(batch.file));  // files come in order
    auto mapped = MapBatch(batch, mappers);
    const std::lock_guard lock(mutex);
    finished.emplace(batch.sequence, std::move(mapped));
    changed.notify_all();
  }
}

Pipeline::Pipeline(const Source& source, std::vector<FileToRead> files, Depth depth, int threads)
    : state_(std::make_unique<State>(source, std::move(files), depth)) {
  auto& state = *state_;
  state.batches_max = kBatchesPerThread * static_cast<size_t>(threads);
  state.threads.emplace_back([&state] { state.Read(); });
  for (int i = 0; i < threads; ++i) state.threads.emplace_back([&state] { state.Work(); });
}

Pipeline::~Pipeline() {
  const std::lock_guard lock(state_->mutex);
  state_->stop = true;
  state_->changed.notify_all();
}

Result<std::optional<MappedBatch>> Pipeline::Next() {
  auto& state = *state_;
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&state] {
    return state.finished.contains(state.taken) || (state.read_all && state.taken == state.pushed);
  });
  const auto next = state.finished.find(state.taken);
  if (next == state.finished.end()) {
    if (state.failure) return *state.failure;
    return std::optional<MappedBatch>();
  }
  std::optional<MappedBatch> batch(std::move(next->second));
  state.finished.erase(next);
  ++state.taken;
  state.changed.notify_all();
  return batch;
}

}  // namespace qipu::ingest

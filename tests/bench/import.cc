// How fast registry files become a graph, on the whole way: read, map, place, classify, load.
//   bench_import SCHEMAS [RECORDS]     so many records (200,000) that it makes itself
//   bench_import SCHEMAS FILES...      files of the source cn-registry
// SCHEMAS is the folder schemas/. The database lies in the working folder and goes afterwards.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "graph/schema.h"
#include "ingest/clean/clean.h"
#include "ingest/import.h"
#include "ingest/reference.h"

namespace qipu::ingest {
namespace {

constexpr int kRecordsPerFile = 5000;
constexpr const char* kHeader =
    "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,"
    "注册地址\n";

struct Town {
  const char *province, *city, *district, *code;
};
constexpr Town kTowns[] = {
    {"广东", "深圳", "深圳市宝安区", "440306"},       {"广东", "广州", "广州市天河区", "440106"},
    {"江苏", "苏州", "苏州市吴中区", "320506"},       {"浙江", "杭州", "杭州市余杭区", "330110"},
    {"上海", "浦东", "上海市浦东新区", "310115"},     {"四川", "成都", "成都市武侯区", "510107"},
    {"湖北", "武汉", "武汉市江夏区", "420115"},       {"山东", "济南", "济南市历下区", "370102"},
    {"辽宁", "沈阳", "辽宁省沈阳市铁西区", "210106"}, {"陕西", "西安", "雁塔区", "610113"},
};
// Three of ten clauses name something that a chain may know.
constexpr const char* kClauses[] = {
    "工业机器人及智能装备的研发、生产、销售",
    "软件开发、系统集成服务（不含增值电信业务）",
    "数控机床、传感器制造",
    "建筑工程施工，室内外装饰装修工程设计",
    "日用百货、服装、鞋帽、办公用品批发兼零售",
    "餐饮服务；食品销售（凭许可证经营）",
    "货物及技术进出口，国内贸易代理",
    "农作物种植、销售，农业技术咨询服务",
    "企业管理咨询，会议及展览服务，广告设计、制作、代理",
    "道路普通货物运输，仓储服务（不含危险化学品）",
};
constexpr const char* kLastClause = "（依法须经批准的项目，经相关部门批准后方可开展经营活动）";

/// The code with the check character that makes it valid.
std::string ValidCode(std::string code) {
  code.push_back('0');
  for (const char check : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
    code.back() = check;
    if (CheckUscc(code).check == CodeCheck::kValid) break;
  }
  return code;
}

void WriteRecord(std::ostream& out, int number, std::mt19937& random) {
  const auto draw = [&random](size_t below) { return random() % below; };
  const Town& town = kTowns[draw(std::size(kTowns))];
  char serial[16];
  std::snprintf(serial, sizeof(serial), "%09d", number);
  out << town.city << "第" << number << "号有限公司,"
      << ValidCode("91" + (town.code + std::string(serial))) << "," << 1980 + draw(40) << "-0"
      << 1 + draw(9) << "-" << 10 + draw(19) << ",N/A,N/A,\"" << 10 + draw(5000)
      << "(万元人民币)\",\"";
  const size_t clauses = 2 + draw(4);
  for (size_t i = 0; i < clauses; ++i) out << kClauses[draw(std::size(kClauses))] << "；";
  out << kLastClause << "\"," << town.province << "," << town.city << ",\"" << town.district
      << "人民路" << 1 + draw(900) << "号\"\n";
}

/// Writes `records` to files in `folder`, the same at each call.
std::vector<ImportFile> MakeFiles(const std::string& folder, int records) {
  std::filesystem::create_directories(folder);
  std::mt19937 random(7);
  std::vector<ImportFile> files;
  for (int done = 0; done < records;) {
    const std::string path = folder + "/" + std::to_string(files.size()) + ".csv";
    std::ofstream out(path, std::ios::binary);
    out << kHeader;
    for (int i = 0; i < kRecordsPerFile && done < records; ++i) WriteRecord(out, done++, random);
    files.push_back({path, path});
  }
  return files;
}

struct Used {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
  rusage usage{};
  Used() { getrusage(RUSAGE_SELF, &usage); }
  double processor() const {
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
};

/// Processor time is of all threads: what a busy machine changes little.
Status Measure(graph::Store& store, const Source& source, const std::vector<ImportFile>& files,
               const char* what, KnownFile known) {
  ImportOptions options;
  options.known_file = known;
  uint64_t bytes = 0;
  options.progress = [&bytes](const ImportProgress& progress) { bytes = progress.bytes; };
  const Used before;
  const auto report = QIPU_TRY(Import(store, source, files, options));
  const Used after;
  const double wall = std::chrono::duration<double>(after.at - before.at).count();
  const auto& counts = report.totals;
  std::printf(
      "%s: %.0f rows/s, %.1f MB/s (%.2f s; processor %.2f s); %llu = %llu loaded + %llu "
      "rejected + %llu ignored; %llu edges new; peak memory %ld MiB\n",
      what, static_cast<double>(counts.read) / wall, static_cast<double>(bytes) / 1e6 / wall, wall,
      after.processor() - before.processor(), static_cast<unsigned long long>(counts.read),
      static_cast<unsigned long long>(counts.loaded),
      static_cast<unsigned long long>(counts.rejected),
      static_cast<unsigned long long>(counts.ignored),
      static_cast<unsigned long long>(report.changes.edges_created), after.usage.ru_maxrss / 1024);
  return Ok{};
}

Status Bench(const std::string& directory, const std::string& schemas,
             const std::vector<ImportFile>& files) {
  std::ifstream in(schemas + "/graph.json", std::ios::binary);
  if (!in) return NotFound(schemas + "/graph.json: no such file; name the folder schemas/ first");
  std::stringstream text;
  text << in.rdbuf();
  const auto schema = QIPU_TRY(graph::Schema::Parse(text.str(), schemas + "/graph.json"));
  QIPU_TRY(graph::Store::Create(directory, schema, {}));
  const auto store = QIPU_TRY(graph::Store::Open(directory, {}));
  const auto reference = QIPU_TRY(Reference::Load(schemas + "/reference/reference.json"));
  QIPU_TRY(LoadReference(*store, reference, schemas, [](const ImportReport&) {}));
  const auto source = QIPU_TRY(Source::Named("cn-registry", schemas));
  QIPU_TRY(Measure(*store, source, files, "first import", KnownFile::kSkip));
  return Measure(*store, source, files, "same rows again", KnownFile::kReadAgain);
}

}  // namespace
}  // namespace qipu::ingest

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_import SCHEMAS [RECORDS | FILES...]\n");
    return 2;
  }
  const std::string folder = "bench_import.files", directory = "bench_import.db";
  std::filesystem::remove_all(directory);
  std::vector<qipu::ingest::ImportFile> files;
  const bool are_files = argc > 2 && std::filesystem::exists(argv[2]);
  constexpr int kRecordsUsual = 200000;
  for (int i = 2; are_files && i < argc; ++i) files.push_back({argv[i], argv[i]});
  if (!are_files) {
    files = qipu::ingest::MakeFiles(folder, argc > 2 ? std::atoi(argv[2]) : kRecordsUsual);
  }
  const auto status = qipu::ingest::Bench(directory, argv[1], files);
  std::filesystem::remove_all(directory);
  std::filesystem::remove_all(folder);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.ok() ? 0 : 1;
}

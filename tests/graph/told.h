#ifndef QIPU_TESTS_GRAPH_TOLD_H_
#define QIPU_TESTS_GRAPH_TOLD_H_

#include <string>

#include "graph/verify.h"

namespace qipu::graph {

/// The findings of a verification, a line each.
inline std::string Told(const VerifyReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::string(SeverityName(finding.severity)) + ' ' + finding.place + ' ' + finding.key +
            ' ' + finding.problem + '\n';
  }
  return text;
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_TOLD_H_

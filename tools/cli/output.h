#ifndef QIPU_TOOLS_CLI_OUTPUT_H_
#define QIPU_TOOLS_CLI_OUTPUT_H_

#include <string>
#include <string_view>

#include "query/table.h"
#include "tools/cli/commands.h"

namespace qipu::tools {

/// The whole text of a table in a format, with its last line end.
///
/// table: columns aligned by display width (a Han character is two wide), numbers to the right.
/// csv: RFC 4180, LF. A text that a spreadsheet would run as a formula (first character = + - @,
///      tab or CR) gets a leading apostrophe; numbers keep their sign.
/// json: an array of objects in row order. ndjson: an object a line.
std::string FormatTable(const query::Table& table, OutputFormat format);

/// A number in a sentence, to four significant digits; tables and files have all of them.
std::string RoundedText(double number);

/// Columns that a terminal gives to UTF-8 text: 2 for East Asian wide characters, 0 for combining.
size_t DisplayWidth(std::string_view utf8);

}  // namespace qipu::tools

#endif  // QIPU_TOOLS_CLI_OUTPUT_H_

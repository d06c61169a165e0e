#!/usr/bin/env bash
# The house rules that a compiler does not check. Prints what breaks one, and nothing else.
set -uf
cd "$(dirname "$0")/../.." || exit 2
# Every rule reads what git knows: without a repository none could fail.
[ -n "$(git ls-files '*.cc')" ] || { echo 'tidy: no repository that git can read' >&2; exit 2; }
failed=0

# Reports the lines on standard input under a rule's name.
rule() {
  local name=$1 lines
  lines=$(cat)
  [ -n "$lines" ] || return 0
  printf '%s:\n%s\n' "$name" "$lines"
  failed=1
}
g() { git grep -nE "$@"; }
code=('*.h' '*.cc')

# Layers: tools -> query -> graph, tools -> ingest -> graph, and never back.
rule 'graph includes what lies above it' < <(g '#include "(ingest|query|tools)/' -- graph)
rule 'ingest includes query or tools' < <(g '#include "(query|tools)/' -- ingest)
rule 'query includes ingest or tools' < <(g '#include "(ingest|tools)/' -- query)
# A sub-folder is private to its folder; the folder's own headers are its public face.
rule 'reaches inside another folder' < <(
  g '#include "(graph|ingest|query)/[^"/]+/' -- "${code[@]}" ':!tests' |
    awk -F'[/":]' '{ split($0, q, "\""); split(q[2], d, "/"); if ($1 != d[1]) print }')

# Every library has one home.
rule 'boost outside its home' < <(
  g '#include <boost/' -- "${code[@]}" ':!query/algorithms' ':!tests' |
    grep -v '^graph/rocks/watched_files.cc:[0-9]*:#include <boost/crc.hpp>$')
rule 'rocksdb outside its home' < <(
  g '#include <rocksdb/' -- "${code[@]}" ':!graph/rocks' ':!graph/store.cc' ':!graph/snapshot.cc' \
    ':!graph/transaction.cc' ':!graph/commit.cc' ':!tests')
rule 'simdjson outside its home' < <(
  g '#include <simdjson' -- "${code[@]}" ':!graph/json.cc' ':!ingest/read' ':!tests')
rule 'CLI11 outside tools/cli' < <(g '#include <CLI/' -- "${code[@]}" ':!tools/main.cc' ':!tools/cli' ':!tests')
rule 'cairo or pango outside tools/figures' < <(g '#include <(cairo|pango)' -- "${code[@]}" ':!tools/figures' ':!tests')
rule 'libpng or GLib outside tools/figures' < <(g '#include <(png|glib)' -- "${code[@]}" ':!tools/figures' ':!tests')
rule 'ICU outside its home' < <(
  g '#include <unicode/' -- "${code[@]}" ':!graph/text.cc' ':!ingest/clean' ':!tests')
rule 'GoogleTest outside tests' < <(g '#include <(gtest|gmock)' -- "${code[@]}" ':!tests')
rule 'openssl outside ingest/read' < <(g '#include <openssl/' -- "${code[@]}" ':!ingest/read' ':!tests')

# Sizes: a file is read in one sitting, a function on one screen.
rule 'file over 400 lines' < <(
  git ls-files "${code[@]}" '*.sh' | xargs wc -l | awk '$1 > 400 && $2 != "total"')
rule 'function over 70 lines' < <(git ls-files "${code[@]}" | xargs awk '
  FNR == 1 { start = 0 }
  # A function begins on an unindented line (or a member on one indented by 2) that opens a brace
  # after a parameter list; its brace closes at the same indent.
  !start && /^( ? ?[A-Za-z~].*| {4,}.*)\) ?(const|noexcept|override| )*(: .*)?\{$/ && !/^ *(if|for|while|switch|else|\}|return)/ {
    start = FNR; head = $0; indent = match($0, /[^ ]/) - 1
    if (indent > 2) indent = 0
  }
  start && match($0, /[^ ]/) - 1 == indent && /^ *\}/ {
    if (FNR - start + 1 > 70) print FILENAME ":" start ": " FNR - start + 1 " lines: " head
    start = 0
  }')

rule 'throws, or drops an error' < <(
  g '\b(throw|try|catch)\b.*[;{(]|\(void\)' -- 'graph/*.cc' 'graph/*.h' 'ingest/*.cc' 'ingest/*.h' \
    'query/*.cc' 'query/*.h' | grep -vE '^[^:]+:[0-9]+:\s*//')
rule 'QIPU_TRY behind another member in braces, or in new' < <(
  g '\{[^{};]*,[^{};]*QIPU_TRY|\bnew [A-Za-z:]+\([^;]*QIPU_TRY' -- "${code[@]}")
rule 'vague name' < <(
  git ls-files "${code[@]}" | grep -iE 'util|helper|manager|misc|common')
rule 'left for later' < <(
  g 'TODO|FIXME|#if 0' -- "${code[@]}" '*.sh' '*CMakeLists.txt' ':!tests/house/tidy.sh')
rule 'commented-out code' < <(g '^\s*// *(\w.*\)|\w+ .*= .*|return .*)(;| \{)\s*$' -- "${code[@]}")
rule 'boolean arguments side by side' < <(g '\bbool \w+,.*\bbool \w+[,)]' -- "${code[@]}")
rule 'sources by glob' < <(g 'file\(GLOB' -- '*CMakeLists.txt' '*.cmake')
rule 'path of one machine' < <(g '(^|[^.[:alnum:]_])/(work|tmp|home|root)/[a-z]' -- . ':!tests/house/tidy.sh')

# Docs that name a file which is gone; sources that no target builds; folders at the top.
rule 'docs name a file that is not there' < <(
  git ls-files '*.md' |
    xargs grep -ohE '\b(graph|ingest|query|tools|tests|schemas)/[a-zA-Z0-9_/.-]+\.(cc|h|json|csv|sh|test|cmake)\b' |
    sort -u | while read -r path; do [ -e "$path" ] || echo "$path"; done)
rule 'source that no target builds' < <(
  git ls-files 'graph/*.cc' 'ingest/*.cc' 'query/*.cc' 'tools/*.cc' | while read -r path; do
    folder=${path%%/*}
    grep -qF "${path#"$folder"/}" "$folder/CMakeLists.txt" || echo "$path"
  done)
rule 'test that no target builds' < <(
  git ls-files 'tests/*_test.cc' 'tests/*_test.py' 'tests/*_test.sh' | while read -r path; do
    git ls-files 'tests/*.cmake' | xargs grep -qF "$(basename "$path")" || echo "$path"
  done)
rule 'not of the top level' < <(
  git ls-files | cut -d/ -f1 | sort -u |
    grep -vE '^(\..*|CMakeLists\.txt|LICENSE|README\.md|graph|ingest|query|schemas|tests|tools)$')

exit "$failed"

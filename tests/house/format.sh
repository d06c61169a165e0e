#!/usr/bin/env bash
# Names the C++ files that clang-format would change.
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.h' '*.cc' | xargs clang-format-14 --dry-run --Werror

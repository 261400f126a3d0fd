#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/store.md lists every kind of warning.

@test "each code of a warning is documented" {
    cd "$BATS_TEST_DIRNAME/../.."
    codes=$(sed -n 's/^ *\[XB_[A-Z0-9_]*\] = {"\([^"]\{1,\}\)".*/\1/p' dom0/store/warning.c)
    [ "$(wc -l <<<"$codes")" -gt 40 ]
    for code in $codes; do
        grep -q "^|.*\`$code\(KEY\)\?\`" docs/store.md || { echo "$code is not in docs/store.md"; false; }
    done
}

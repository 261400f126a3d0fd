#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each source names its licence.

line=SPDX-License'-Identifier: GPL-3.0-or-later'

# without_licence FOLDER: prints the sources below it, and scripts of any name, whose first lines do not name the licence.
without_licence() {
    local file
    while IFS= read -r file; do
        case $file in
        *.[ch] | *.proto | *.sql | *.mk | *.bats | *.sh | *.bash | */Makefile) ;;
        *) [ "$(head -c 2 "$file" | tr -d '\0')" = '#!' ] || continue ;;
        esac
        head -n 3 "$file" | grep -qF "$line" || echo "$file"
    done < <(find "$1" \( -name .git -o -path "$1/build" -o -path "$1/tests/data" -o -name cases \) -prune -o -type f -print)
}

@test "each source has an SPDX line" {
    without_licence "$BATS_TEST_DIRNAME/../.." >"$BATS_TEST_TMPDIR/missing"
    cat "$BATS_TEST_TMPDIR/missing"
    [ ! -s "$BATS_TEST_TMPDIR/missing" ]
}

@test "a source without one is found" {
    mkdir "$BATS_TEST_TMPDIR/tree"
    printf '/* %s */\nint x;\n' "$line" >"$BATS_TEST_TMPDIR/tree/right.c"
    echo 'int y;' >"$BATS_TEST_TMPDIR/tree/wrong.c"
    printf '#!/bin/sh\ntrue\n' >"$BATS_TEST_TMPDIR/tree/script"
    [ "$(without_licence "$BATS_TEST_TMPDIR/tree" | sort)" = "$BATS_TEST_TMPDIR/tree/script
$BATS_TEST_TMPDIR/tree/wrong.c" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each file names its licence, except those that .reuse/dep5 lists.

line=SPDX-License'-Identifier: GPL-3.0-or-later'
top=$BATS_TEST_DIRNAME/../..

# excepted: prints the patterns of the files without a line, the second list in .reuse/dep5, one a line.
excepted() {
    awk '/^Files:/ { list++ } /^[^ ]/ { on = /^Files:/ } on && list == 2' "$top/.reuse/dep5" | sed 's/^Files://' | tr -s ' ' '\n' | grep .
}

# files FOLDER: prints the files below it, as git or else the folder has them.
files() {
    git -C "$1" ls-files --cached --exclude-standard . 2>/dev/null | grep . ||
        (cd "$1" && find . \( -name .git -o -path ./build \) -prune -o -type f -print | sed 's|^\./||')
}

# without_licence FOLDER: prints the files below it whose first lines do not name the licence although no exception matches.
without_licence() {
    local file pattern patterns
    mapfile -t patterns < <(excepted)
    (cd "$1" && files . | grep -vE '^(COPYING|LICENSES/.*|\.reuse/dep5)$' | while IFS= read -r file; do
        [ -f "$file" ] || continue
        for pattern in "${patterns[@]}"; do
            # shellcheck disable=SC2053 # it is a pattern
            [[ $file != $pattern ]] || continue 2
        done
        printf '%s\0' "$file"
    done | xargs -0 -r perl -e 'my $line = shift; for (@ARGV) { open my $file, "<", $_ or die "$_: $!"; my $head = join "", map { scalar(<$file>) // "" } 1..3;
        print "$_\n" if index($head, $line) < 0 }' "$line")
}

@test "each file has an SPDX line, or is listed" {
    without_licence "$top" >"$BATS_TEST_TMPDIR/missing"
    cat "$BATS_TEST_TMPDIR/missing"
    [ ! -s "$BATS_TEST_TMPDIR/missing" ]
}

@test "each exception that is listed has a file" {
    local pattern file
    files "$top" >"$BATS_TEST_TMPDIR/files"
    while read -r pattern; do
        while read -r file; do
            # shellcheck disable=SC2053 # it is a pattern
            [[ $file != $pattern ]] || continue 2
        done <"$BATS_TEST_TMPDIR/files"
        echo "no file: $pattern"
        return 1
    done < <(excepted)
}

@test "a file without one is found" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/docs"
    cd "$BATS_TEST_TMPDIR/tree"
    printf '/* %s */\nint x;\n' "$line" >right.c
    echo 'int y;' >wrong.c
    printf '#!/bin/sh\n#\n\n# %s\n' "$line" >late
    printf '[Unit]\n' >a.service
    echo 'name: a' >a.yaml
    echo 'A page' >docs/page.md
    [ "$(without_licence . | sort)" = "a.service
a.yaml
late
wrong.c" ]
}

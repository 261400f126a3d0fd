#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lab/in-lab with a script instead of a lab: which files it tries again, and what it reports.

setup() {
    export LAB=$BATS_TEST_TMPDIR/lab LAB_NAMES=one LAB_LOCKS=$BATS_TEST_TMPDIR/locks SAID=$BATS_TEST_TMPDIR/xl-dmesg
    mkdir "$LAB_LOCKS"
    : >"$SAID"
    # exec --name NAME -- LINE; in-lab asks only for Xen's log
    printf '#!/bin/sh\ncat "%s"\n' "$SAID" >"$LAB"
    chmod +x "$LAB"
    in_lab=$BATS_TEST_DIRNAME/../lab/in-lab
    file=$BATS_TEST_TMPDIR/a.bats tries=$BATS_TEST_TMPDIR/tries
}

# A file that counts its tries and then does this.
a_file() {
    printf '@test "it works" {\n echo try >>%q\n %s\n}\n' "$tries" "$1" >"$file"
}

@test "in-lab: a file that passes is run once" {
    a_file true
    run "$in_lab" "$file"
    [[ $output == *"ok 1 it works"* ]]
    [ "$(wc -l <"$tries")" -eq 1 ]
}

@test "in-lab: a file that fails has failed" {
    a_file false
    run "$in_lab" "$file"
    [[ $output == *"not ok 1 it works"* ]]
    [ "$(wc -l <"$tries")" -eq 1 ]
}

@test "in-lab: a file that failed while QEMU lost a guest is run again, and the output says so" {
    a_file "[ \$(wc -l <$tries) -eq 2 ] || { echo '(XEN) d3v0 Triple fault' >>$SAID; false; }"
    run "$in_lab" "$file"
    [[ $output == *"# $file: QEMU lost a PVH guest"*"#   not ok 1 it works"*$'\n'"ok 1 it works"* ]] || { echo "$output"; false; }
    [ "$(wc -l <"$tries")" -eq 2 ]
}

@test "in-lab: a file that keeps failing is not run for ever, and fails" {
    a_file "echo '(XEN) d3v0 Triple fault' >>$SAID; false"
    run "$in_lab" "$file"
    [ "$(grep -c '^not ok 1' <<<"$output")" -eq 1 ]
    [ "$(wc -l <"$tries")" -eq 3 ]
}

@test "in-lab: LAB_TAGS picks tests by their tags" {
    a_file true
    printf '# bats test_tags=check\n@test "tagged" { true; }\n' >>"$file"
    LAB_TAGS=check run "$in_lab" "$file"
    [[ $output == *"ok 1 tagged"* && $output != *"it works"* ]] || { echo "$output"; false; }
}

@test "in-lab: two files at once use two labs" {
    export LAB_NAMES='one two'
    a_file "echo \$LAB_NAME >>$BATS_TEST_TMPDIR/names; sleep 2"
    "$in_lab" "$file" >/dev/null 3>&- &
    local other=$!
    "$in_lab" "$file" >/dev/null
    wait "$other"
    [ "$(sort "$BATS_TEST_TMPDIR/names" | xargs)" = "one two" ]
}

@test "in-lab: what came of a file is kept by suite and by what picked its tests" {
    mkdir -p "$BATS_TEST_TMPDIR/tests/lab"
    cp "$in_lab" "$BATS_TEST_TMPDIR/tests/lab/"
    file=$BATS_TEST_TMPDIR/tests/lab/a.bats
    a_file true
    printf '# bats test_tags=check\n@test "tagged" { false; }\n' >>"$file"
    echo '# Xen 4.17.5' >"$SAID"
    export LAB_RESULTS=$BATS_TEST_TMPDIR/results
    LAB_TAGS=check run "$BATS_TEST_TMPDIR/tests/lab/in-lab" "$file"
    run "$BATS_TEST_TMPDIR/tests/lab/in-lab" "$file"
    cd "$LAB_RESULTS/lab/a.bats"
    [ "$(echo *)" = "all.tap check.tap" ]
    grep -qx '# Xen 4.17.5' all.tap
    grep -qE '^ok 1 it works' all.tap
    grep -qE '^not ok 1 tagged' check.tap
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Colours, and the width of the table.
load helper

setup() {
    own_state
    start_agents one two
    "$XENBENCH" run --quiet --guests "one,two" --set "one.socket=$BATS_TEST_TMPDIR/one" --set "two.socket=$BATS_TEST_TMPDIR/two" \
        --set max_release_error=1s --case first --repetitions 1 -- true >/dev/null
}

@test "colours: on a terminal, not with NO_COLOR; --color says it for any output" {
    bold=$'\e[1m'
    run in_terminal "$XENBENCH report"
    [[ $output == *"$bold"* ]]
    run in_terminal "NO_COLOR=1 $XENBENCH report"
    [[ $output != *"$bold"* ]]
    run in_terminal "NO_COLOR=1 $XENBENCH report --color=always"
    [[ $output == *"$bold"* ]]
    run in_terminal "$XENBENCH --color=never report"
    [[ $output != *"$bold"* ]]
    run "$XENBENCH" report
    [[ $output != *"$bold"* ]]
    run "$XENBENCH" report --color=nevr
    [ "$status" -eq 2 ]
    [[ $output == *"--color=nevr is none of auto, always, never; did you mean never?"* ]]
}

@test "runs show --experiment: a stored file's control characters do not reach a terminal; a file gets all bytes" {
    sqlite3 "$XENBENCH_STATE/results.sqlite" "UPDATE runs SET experiment = '# ' || char(27) || ']0;mine' || char(10) || experiment"
    run in_terminal "$XENBENCH runs show --experiment"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'# \x1b]0;mine'*"guests:"* && $output != *$'\e'* ]]
    "$XENBENCH" runs show --experiment >"$BATS_TEST_TMPDIR/e.yaml"
    [ "$(head -n 1 "$BATS_TEST_TMPDIR/e.yaml")" = $'# \e]0;mine' ]
}

@test "the table: within 80 columns on a terminal of 80, side by side on a wide one" {
    in_terminal "stty cols 40 rows 24; $XENBENCH report" | tr -d '\r' >"$BATS_TEST_TMPDIR/narrow"
    in_terminal "stty cols 200 rows 24; $XENBENCH report" | tr -d '\r' >"$BATS_TEST_TMPDIR/wide"
    grep -Eq '^ +case +one +two$' <(sed 's/\x1b\[[0-9;]*m//g' "$BATS_TEST_TMPDIR/wide")
    run ! grep -Eq ' one +two$' <(sed 's/\x1b\[[0-9;]*m//g' "$BATS_TEST_TMPDIR/narrow")
    grep -Eq '^ +case +two$' <(sed 's/\x1b\[[0-9;]*m//g' "$BATS_TEST_TMPDIR/narrow")
}

@test "the report: no line is wider than a terminal of 80 columns" {
    # Long names, and one whose characters take two columns each.
    "$XENBENCH" run --quiet --guests "one,two" --set "one.socket=$BATS_TEST_TMPDIR/one" --set "two.socket=$BATS_TEST_TMPDIR/two" \
        --set max_release_error=1s --name "$(printf '各核%.0s' {1..10})" --case "$(printf '各核%.0s' {1..15})" \
        --case 'a case whose name has words enough for more than the eighty columns of a terminal' \
        --repetitions 2 -- true >/dev/null
    in_terminal "stty cols 80 rows 24; $XENBENCH report" | tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' >"$BATS_TEST_TMPDIR/usual"
    local width
    width=$(LC_ALL=C.UTF-8 wc -L <"$BATS_TEST_TMPDIR/usual")
    cat "$BATS_TEST_TMPDIR/usual"
    [ "$width" -gt 60 ]
    [ "$width" -le 80 ]
}

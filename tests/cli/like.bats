#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `--like RUN`: runs the experiment of an earlier run, perhaps of another host, again.
load helper

setup() {
    own_state
    start_agents one two
    theirs=$BATS_TEST_TMPDIR/theirs.sqlite
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    cat >"$BATS_TEST_TMPDIR/elsewhere/e.yaml" <<END
name: published
workload: {command: "echo ops=\$XENBENCH_REPETITION", metric: {name: ops, pattern: "ops=([0-9]+)", better: more}}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
  two: {socket: ./two}
cases: [{name: first}, {name: second}]
max_release_error: 1s
END
}

# Export a colleague's run, whose experiment file does not exist here.
publish() {
    (
        cd "$BATS_TEST_TMPDIR/elsewhere" || exit
        ln -s ../two two
        "$XENBENCH" run e.yaml --quiet --repetitions 2 "$@" >/dev/null
    )
    rm -r "$BATS_TEST_TMPDIR/elsewhere"
    "$XENBENCH" runs export --all --output "$theirs"
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/ours
    ours=$XENBENCH_STATE/results.sqlite
    cd "$BATS_TEST_TMPDIR" || return # relative paths start here
}

@test "like: an exported run is run again with its settings, and compared" {
    publish --set order=random
    run "$XENBENCH" plan --like "$theirs"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ $output == *"2 cases, 2 repetitions, 2 guests: 4 cells"* ]]
    "$XENBENCH" run --like "$theirs" --quiet >/dev/null
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome = 'exited'" "$ours")" -eq 8 ]
    [ "$(ask "SELECT overrides FROM runs" "$ours")" = '["repetitions=2","order=random"]' ]
    [ "$(ask "SELECT experiment FROM runs" "$ours")" = "$(sqlite3 "$theirs" "SELECT experiment FROM runs")" ]
    run "$XENBENCH" compare "$theirs" "$(ask 'SELECT run FROM runs' "$ours")"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ $output != *"experiment files differ"* ]]
}

@test "like: --set and --repetitions change it; a run of this store by its id; a plan and a shard of it" {
    publish
    "$XENBENCH" run --like "$theirs" --quiet --repetitions 3 >/dev/null
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'" "$ours")" -eq 6 ]
    id=$(ask 'SELECT run FROM runs' "$ours")
    "$XENBENCH" run --like "${id:0:8}" --quiet --set repetitions=1 >/dev/null
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'" "$ours")" -eq 2 ]
    "$XENBENCH" plan --like "$id" --shards 3 --json | jq -e '.shards.list | length == 3'
    "$XENBENCH" run --like "$id" --shard 1/3 --quiet >/dev/null
    [ "$(ask "SELECT count(*) FROM cells JOIN runs USING (run) WHERE shard = 1" "$ours")" -eq 2 ]
}

@test "like: what does not go with it, and runs that are not there" {
    publish
    local words
    for words in "$theirs e.yaml" "$theirs --guests one" "$theirs --resume latest" "$theirs -- true" "$theirs --print" \
        nosuch "$theirs:ffff" /dev/null 00000000; do
        # shellcheck disable=SC2086 # words
        run "$XENBENCH" run --like $words
        echo "$words: $status $output"
        [ "$status" -eq 2 ]
        [ ! -e "$ours" ] || [ "$(ask 'SELECT count(*) FROM runs' "$ours")" -eq 0 ]
    done
    # A mistake in a setting names its option, and one in the file its line.
    run "$XENBENCH" run --like "$theirs" --set repetitons=1
    [ "$status" -eq 2 ]
    [[ $output == *"--set repetitons=1"*"did you mean"* ]]
    sqlite3 "$theirs" "UPDATE runs SET experiment = replace(experiment, 'cases:', 'casses:')"
    run "$XENBENCH" run --like "$theirs"
    [ "$status" -eq 2 ]
    [[ $output == *"theirs.sqlite:6: "* ]]
}

@test "like: latest is a run's name everywhere" {
    publish
    "$XENBENCH" run --like "$theirs" --quiet --repetitions 1 >/dev/null
    "$XENBENCH" run --like latest --quiet --set repetitions=1 --set warmup=1 >/dev/null
    id=$(ask 'SELECT run FROM runs ORDER BY started_at DESC LIMIT 1' "$ours")
    "$XENBENCH" runs export latest --output latest.json
    jq -e --arg id "$id" '[.. | .id? // empty] | index($id)' latest.json
    run "$XENBENCH" compare "$theirs" latest
    [[ $output == *"${id:0:8}"* ]]
}

@test "like: hooks of another host are shown by plan, and not run" {
    echo "hooks: {before: \"touch '$BATS_TEST_TMPDIR/hooked'\"}" >>"$BATS_TEST_TMPDIR/elsewhere/e.yaml"
    publish
    rm "$BATS_TEST_TMPDIR/hooked"
    run "$XENBENCH" plan --like "$theirs"
    [ "$status" -eq 0 ]
    [[ $output == *"as root"*"before: touch '$BATS_TEST_TMPDIR/hooked'"* ]]
    run "$XENBENCH" run --like "$theirs"
    [ "$status" -eq 2 ]
    [[ $output == *"from another host"*"touch '$BATS_TEST_TMPDIR/hooked'"* ]]
    run "$XENBENCH" fleet submit --like "$theirs" --shards 2 --print
    [ "$status" -eq 2 ]
    # A run that was imported still counts as another host's.
    "$XENBENCH" runs import "$theirs"
    run "$XENBENCH" run --like latest
    [ "$status" -eq 2 ]
    [ ! -e "$BATS_TEST_TMPDIR/hooked" ]
    # Once the experiment has been written to a file and run here, its hooks run.
    "$XENBENCH" runs show --experiment >mine.yaml
    "$XENBENCH" run mine.yaml --quiet --repetitions 1 >/dev/null
    [ -e "$BATS_TEST_TMPDIR/hooked" ]
    rm "$BATS_TEST_TMPDIR/hooked"
    "$XENBENCH" run --like latest --quiet >/dev/null
    [ -e "$BATS_TEST_TMPDIR/hooked" ]
}

@test "like: a run of this host keeps its file's folder; a setting said again replaces the earlier one" {
    cp -r "$BATS_TEST_TMPDIR/elsewhere" "$BATS_TEST_TMPDIR/here"
    ln -s ../two "$BATS_TEST_TMPDIR/here/two"
    cd "$BATS_TEST_TMPDIR/here" || return
    "$XENBENCH" run e.yaml --quiet --repetitions 1 >/dev/null
    cd / || return
    "$XENBENCH" run --like latest --quiet --repetitions 2 >/dev/null
    [ "$(ask "SELECT overrides FROM runs ORDER BY started_at DESC LIMIT 1")" = '["repetitions=2"]' ]
    [ "$(ask "SELECT count(DISTINCT file) FROM runs")" -eq 1 ]
    # Text that another host's file may hold does not reach the terminal raw.
    "$XENBENCH" runs export --all --output "$theirs"
    sqlite3 "$theirs" "UPDATE runs SET overrides = json_array('nope' || char(27) || '[31m=1')"
    run "$XENBENCH" run --like "$theirs"
    [ "$status" -eq 2 ]
    [[ $output == *'nope\x1b[31m'* ]]
    [[ $output != *$'\e'* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# mk/demo-compare with a script instead of a lab; the script runs the experiment on agents behind sockets. Both runs
# are fetched, put into one store and compared, and no lab is left.
load ../cli/helper

setup() {
    own_state
    top=$BATS_TEST_TMPDIR/top
    mkdir -p "$top"/{mk,images/lab,build/stage/usr/sbin,build/lab}
    cp "$BATS_TEST_DIRNAME"/../../mk/{demo-compare,demo.sh} "$top/mk/"
    ln -s "$(realpath "$XENBENCH")" "$top/build/stage/usr/sbin/xenbench"
    export DOM0=$BATS_TEST_TMPDIR/dom0 LABS=$BATS_TEST_TMPDIR/labs XENBENCH
    start_agents base clone1 forks
    program lab <<'SCRIPT'
verb=$1
shift 3 # --name NAME
case $verb in
down)
    [ ! -e "$DOM0" ] || echo down >>"$LABS"
    rm -rf "$DOM0"
    ;;
pull) cp -r "$DOM0/results" "$2" ;;
exec)
    shift # --
    words=()
    for word; do
        case $word in
        xenbench) word=$XENBENCH ;;
        */two-hypervisors.yaml) word=$DOM0/e.yaml ;;
        /var/lib/xenbench/demo*) word=$DOM0/results${word#/var/lib/xenbench/demo} ;;
        esac
        words+=("$word")
    done
    [ "$2" != doctor ] || exit 0
    export XENBENCH_STATE=$DOM0/state XENBENCH_RUN=$DOM0/run
    mkdir -p "$DOM0/state"
    exec "${words[@]}"
    ;;
esac
SCRIPT
    # with-xenbench NAME IMAGE... -- LAB-UP-OPTION...
    program with-xenbench <<SCRIPT
echo "up \$*" >>"\$LABS"
for fd in /proc/self/fd/*; do
    [[ \$(readlink "\$fd") != *.run ]] || { echo "the lab has the demo's lock" >&2; exit 1; }
done
mkdir "\$DOM0"
cat >"\$DOM0/e.yaml" <<END
name: two hypervisors
workload: {command: "true"}
guests: {base: {socket: $BATS_TEST_TMPDIR/base}, clone1: {socket: $BATS_TEST_TMPDIR/clone1}, forks: {socket: $BATS_TEST_TMPDIR/forks}}
max_release_error: 1s
END
SCRIPT
}

program() {
    { echo '#!/bin/bash'; cat; } >"$top/images/lab/$1"
    chmod +x "$top/images/lab/$1"
}

@test "demo-compare: two labs one after the other, one store, one comparison in each format" {
    REPETITIONS=4 run "$top/mk/demo-compare" bookworm trixie
    echo "$output"
    [ "$status" -eq 0 ]
    # The owner is demo-compare's own process, whose id varies.
    sed -i 's/--owner [0-9]*$/--owner/' "$LABS"
    [ "$(cat "$LABS")" = "up demo-compare micro -- --suite bookworm --cpus 2 --owner
down
up demo-compare micro -- --suite trixie --cpus 2 --owner
down" ]
    out=$top/build/demo-compare
    [ "$(ask 'SELECT count(*) FROM runs' "$out/results.sqlite")" -eq 2 ]
    [[ $output == *"Comparison of 2 runs"*"Verdict"*"3 comparisons"* ]]
    for file in compare.md compare.html compare.json bookworm/report.html trixie/results.json; do
        [ -s "$out/$file" ]
    done
    # A is the first suite's run.
    [ "$(jq -r '.schema' "$out/compare.json")" = xenbench-compare/1 ]
    grep -q "A (the baseline): two hypervisors, run $(ask 'SELECT substr(run, 1, 8) FROM runs' "$out/bookworm/run.sqlite")" <<<"$output"
}

@test "demo-compare: one at a time, because it ends the lab of an earlier one" {
    exec 7>"$top/build/lab/demo-compare.run"
    flock 7
    run "$top/mk/demo-compare" bookworm trixie 7>&-
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"running already"* ]]
    [ ! -e "$LABS" ]
}

@test "demo-compare: a run that fails ends it, and its lab" {
    sed -i 's|^workload: .*|workload: {command: "false"}|' "$top/images/lab/with-xenbench"
    run "$top/mk/demo-compare" bookworm trixie
    echo "$output"
    [ "$status" -ne 0 ]
    [ "$(grep -c up "$LABS")" -eq 1 ]
    [ "$(tail -n 1 "$LABS")" = down ]
}

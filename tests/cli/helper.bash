# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the command-line tests: the programs, and agents behind unix sockets instead of guests.
bats_require_minimum_version 1.5.0
BIN=${XENBENCH_BIN:-$BATS_TEST_DIRNAME/../../build/bin}
XENBENCH=${XENBENCH:-$BIN/xenbench}
AGENT=${AGENT:-$BIN/xenbench-agent}
agent_pids=()

# Make xenbench use folders of the test instead of the machine's.
own_state() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share
    store=$XENBENCH_STATE/results.sqlite
}

# A file that defines its own teardown calls stop_agents itself.
teardown() {
    stop_agents
}

# ask QUERY [STORE]: prints the query's result
ask() {
    sqlite3 -cmd ".timeout 10000" "${2:-$store}" "$1"
}

# The experiment is e.yaml in the test's folder.
run_experiment() {
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" "$@"
}

start_agents() {
    local name
    for name; do
        start_agent "$name"
    done
}

# Start an agent called NAME; `guest NAME` prints its name for xenbench.
start_agent() {
    # Close bats' own descriptors, because bats waits until nobody has them open. Skip the agent's leak
    # check, which would take longer than the agent lives: tests/integration does it.
    ASAN_OPTIONS=detect_leaks=0 "$AGENT" --socket "$BATS_TEST_TMPDIR/$1" 3>&- 4>&- 2>>"$BATS_TEST_TMPDIR/$1.log" &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/$1"
}

# also_stop PID: makes stop_agents end this process, too.
also_stop() {
    agent_pids+=("$1")
}

guest() {
    printf 'unix:%s' "$BATS_TEST_TMPDIR/$1"
}

# cut_wire GUEST TYPE N [hold]: makes `guest between` GUEST behind a connection that is cut instead of
# passing on the Nth frame of TYPE (a number, proto/frame.h). With hold, the agent does not notice.
cut_wire() {
    "${BASH_SOURCE[0]%/*}/cut_at.pl" "$BATS_TEST_TMPDIR/between" "$BATS_TEST_TMPDIR/$1" "${@:2}" \
        2>>"$BATS_TEST_TMPDIR/cuts" 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/between"
}

stop_agents() {
    local pid
    for pid in "${agent_pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    agent_pids=()
}

# Repeat the command until it succeeds; fail after a minute or more, because the machine may be busy.
wait_for() {
    local i
    for ((i = 0; i < 3000; i++)); do
        if "$@"; then
            return 0
        fi
        sleep 0.02
    done
    echo "waited in vain for: $*" >&2
    return 1
}

# Run a command line in its own terminal, and print what the terminal receives.
in_terminal() {
    script --quiet --return --command "$*" /dev/null </dev/null
}

# write_experiment: reads an experiment of two guests from stdin; @one and @two become the guests' sockets. Unless the file
# sets max_release_error, no cell is repeated for its release error, however busy the machine is.
write_experiment() {
    sed "s|@one|{socket: $BATS_TEST_TMPDIR/one|; s|@two|{socket: $BATS_TEST_TMPDIR/two|; s|@dir|$BATS_TEST_TMPDIR|g" \
        >"$BATS_TEST_TMPDIR/e.yaml"
    grep -q max_release_error "$BATS_TEST_TMPDIR/e.yaml" || echo 'max_release_error: 1s' >>"$BATS_TEST_TMPDIR/e.yaml"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet submit`, `status` and `collect`, as far as they need no Slurm: the script, and what is refused. tests/fleet
# has the rest.
load helper

setup() {
    own_state
    cd "$BATS_TEST_TMPDIR" || return
    cat >e.yaml <<'END'
name: "pools; $(touch pwned) '`"
workload: {name: nothing, command: "true"}
guests:
  web: {image: micro, memory: 256M}
  db: {image: micro, memory: 512M, type: pvh}
cases:
  - {name: A, guests: {web: {hard: 1}, db: {hard: 2-5}}}
  - name: B
    pools: {fast: {scheduler: rtds, cpus: 3}}
    guests: {web: {pool: fast}}
repetitions: 8
timeout: 30s
END
}

submit() {
    "$XENBENCH" fleet submit "$@"
}

job_of() {
    sed -n '/^{/,/^}/p' <<<"$output"
}

@test "fleet submit --print: needs, limits and the job, of which the shell sees no name" {
    run submit e.yaml --shards 4 --print
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"#SBATCH --array=1-4"* ]]
    [[ $output == *"--exclusive"*"--requeue"* ]]
    [[ $output == *"#SBATCH --constraint=xen&guest-pvh&sched-rtds"* ]]
    [[ $output == *"#SBATCH --gres=xen_cpus:4,xen_memory:768"* ]]
    # Four cells of at most 30 s each, and the guests' start.
    [[ $output == *"#SBATCH --time=18"* ]]
    [[ $output == *"exec /usr/sbin/xenbench fleet task <<'XENBENCH-END'"* ]]
    job_of | jq -e --rawfile text e.yaml '.schema == "xenbench-fleet-job/1" and .shards == 4 and .by == "round" and
        (.parts | length) == 4 and .parts[0].cells == 4 and .experiment == $text'
    sh -n <<<"$output"
    [ ! -e e.fleet ]
    [ ! -e pwned ]
}

@test "fleet submit --print: what changes frequencies needs a host that can" {
    local power
    for power in 'governor: performance' 'turbo: off'; do
        sed "\$ a host: {$power}" e.yaml >power.yaml
        run submit power.yaml --shards 2 --print
        echo "$output"
        [[ $output == *"#SBATCH --constraint=xen&cpufreq&guest-pvh&sched-rtds"* ]]
    done
}

@test "fleet status: a reason that is cut inside a character costs no shard" {
    mkdir -p dir/tasks dir/stores bin
    run submit e.yaml --shards 2 --print
    job_of >dir/fleet.json
    printf '#!/bin/sh\necho "7|1|PENDING||%s"\n' "$(printf 'ä%.0s' {1..120})" >bin/squeue
    chmod +x bin/squeue
    PATH=$PWD/bin:$PATH "$XENBENCH" fleet status --json dir >said
    cat said
    jq -e '.shards | length == 2 and .[0].state == "waiting" and (.[0].reason | test("^ä+$"))' said
}

# slurm_says LINE...: makes squeue print these lines; sacct knows nothing.
slurm_says() {
    mkdir -p bin
    printf '#!/bin/sh\nexit 1\n' >bin/sacct
    printf '#!/bin/sh\ncat %q\n' "$PWD/bin/lines" >bin/squeue
    printf '%s\n' "$@" >bin/lines
    chmod +x bin/sacct bin/squeue
}

# shard_is JQ: the first shard in `fleet status` is so.
shard_is() {
    PATH=$PWD/bin:$PATH "$XENBENCH" fleet status --json dir >said
    jq -c '.shards[0]' said
    jq -e ".shards[0] | $1" said
}

# record NODE BEGAN MESSAGE: the record of a task of shard 1 that failed.
record() {
    jq -n --arg began "$2" --arg message "$3" '{schema: "xenbench-fleet-tasks/1", shard: 1, xenbench: "1", written_at: $began,
        attempts: [{job: "7", began_at: $began, ended_at: $began, message: $message}]}' >"dir/tasks/1.$1.json"
}

@test "fleet status: node, reason and cells are those of the task that Slurm names, or of the latest one" {
    mkdir -p dir/tasks dir/stores dir/logs
    run submit e.yaml --shards 2 --print
    job_of >dir/fleet.json
    record n1 2026-01-01T10:00:00Z "no guest"
    record n2 2026-01-01T09:00:00Z "interrupted (2 of 4 cells are kept; \`xenbench run --resume 1234\` continues)"
    slurm_says '7|1|FAILED|n1|NonZeroExitCode'
    shard_is '.state == "failed" and .node == "n1" and .reason == "no guest"'
    slurm_says '7|1|FAILED|n2|NonZeroExitCode'
    shard_is '.state == "failed" and .node == "n2" and .reason == "interrupted (2 of 4 cells are kept)"'
    slurm_says '7|1|TIMEOUT|n1|TimeLimit'
    shard_is '.state == "failed" and .reason == "time limit"'
    # Slurm has forgotten the job.
    slurm_says
    shard_is '.state == "failed" and .node == "n1" and .reason == "no guest"'
    # The first three cells are an earlier task's.
    printf '%s\n' "task of shard 1 begins on n1" "[3/4] A: one" "task of shard 1 begins on n2" "[1/4] A: one" >dir/logs/1.log
    slurm_says '8|1|RUNNING|n2|None'
    shard_is '.state == "running" and .node == "n2" and .done == 1'
    slurm_says '8|1|PENDING||Resources'
    shard_is '.state == "waiting" and .node == "" and .reason == "Resources" and .done == 0'
}

@test "fleet status: the time left is the plan's for what is not done" {
    mkdir -p dir/tasks dir/stores dir/logs
    run submit e.yaml --shards 2 --print
    job_of | jq '.parts[0].known_s = 1200 | .parts[1].known_s = 600' >dir/fleet.json
    echo "[2/8] A: one" >dir/logs/1.log
    slurm_says '8|1|RUNNING|n2|None' '8|2|PENDING||Resources'
    PATH=$PWD/bin:$PATH run "$XENBENCH" fleet status dir
    echo "$output"
    [[ $output == *"1 waiting, 1 running; about 15 min left, once they run"* ]]
    [[ $output == *"2 of 8     about 15 min left"* ]]
    [[ $output == *"0 of 8     about 10 min left"* ]]
}

@test "fleet submit --print: hosts, labs and further options" {
    run submit e.yaml --hosts n1,n2 --print --time 9 --constraint 'xen-4.17|xen-4.20' --sbatch=--partition=night --program /opt/xenbench
    echo "$output"
    [[ $output == *"#SBATCH --time=9"*"#SBATCH --constraint=xen&guest-pvh&sched-rtds&(xen-4.17|xen-4.20)"* ]]
    [[ $output == *"#SBATCH --partition=night"*"exec /opt/xenbench fleet task"* ]]
    job_of | jq -e '.by == "host" and .hosts == ["n1", "n2"]'
    run submit e.yaml --shards 2 --print --lab /opt/xenbench --lab-option=--cpus --lab-option=8
    echo "$output"
    [[ $output != *--constraint* ]]
    [[ $output != *--gres* ]]
    job_of | jq -e '.lab_images == ["micro"] and .lab_options == ["--cpus", "8"]'
    run submit e.yaml --shards 2 --print --copy-to head:/srv/e
    [[ $output == *"#SBATCH --output=/var/log/xenbench-"*"-%a.log"* ]]
    job_of | jq -e '.copy_with == "scp"'
}

@test "fleet submit: what is wrong is refused, and nothing is left" {
    refused() {
        local want=$1
        shift
        run submit "$@"
        echo "$output"
        [ "$status" -eq 2 ]
        # Messages about options are folded to the terminal's width.
        [[ $(tr -s ' \n' ' ' <<<"$output") == *"$want"* ]]
        [ ! -e e.fleet ]
    }
    refused "into how many tasks?" e.yaml
    refused "which experiment?" --shards 2
    refused "too many" e.yaml --shards 9
    refused "is named twice" e.yaml --hosts n1,n1
    # shellcheck disable=SC2016 # not to be expanded
    refused "is no name of a node" e.yaml --hosts 'n1,$(x)'
    refused "--hosts and --shards exclude each other" e.yaml --hosts n1 --shards 2
    refused "is not UTF-8" e.yaml --shards 2 --copy-to $'head:/srv/\xff'
    refused "an absolute path of letters" e.yaml --shards 2 --dir "a b"
    refused "an absolute path of letters" e.yaml --shards 2 --program "/x;y"
    refused "features, joined by" e.yaml --shards 2 --constraint 'a;b'
    refused "an option of sbatch" e.yaml --shards 2 --sbatch partition
    refused "an option of sbatch" e.yaml --shards 2 --sbatch=$'--x\nrm'
    refused "xenbench sets --arr=1 itself" e.yaml --shards 2 --sbatch=--arr=1
    refused "xenbench sets --no-requeue itself" e.yaml --shards 2 --sbatch='--partition=night --no-requeue'
    refused "xenbench sets -o/tmp/x itself" e.yaml --shards 2 --sbatch=-o/tmp/x
    refused "xenbench sets --job-name itself" e.yaml --shards 2 --sbatch='--job-name x'
    refused "--copy-with needs --copy-to" e.yaml --shards 2 --copy-with cp
    refused "are for --lab DIR" e.yaml --shards 2 --lab-image micro
    refused "--missing DIR submits the shards as DIR's first submission said" e.yaml --missing x
    refused "it takes no other option" --missing x --time 5
    refused "it takes no other option" --missing x --set window=2s
    refused "it takes no other option" --missing x --repetitions 2
    refused "it takes no other option" --missing x --program /opt/xenbench
    mkdir there
    refused "cannot make the fleet's directory" e.yaml --shards 2 --dir there
    rmdir there
    # Without Slurm.
    mkdir empty
    PATH=$PWD/empty run "$XENBENCH" fleet submit e.yaml --shards 2
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"nothing was submitted: cannot submit the job to Slurm: the program sbatch is missing"* ]]
    [ ! -e e.fleet ]
    # A directory that can be made but not filled, because the paths of its files are too long.
    local deep=$PWD part
    part=$(printf 'd%.0s' {1..200})
    while [ $((${#deep} + 205)) -lt 4085 ]; do deep+=/$part; done
    mkdir -p "$deep"
    run submit e.yaml --shards 2 --dir "$deep/$(printf 'e%.0s' $(seq $((4088 - ${#deep}))))"
    echo "${output:0:200} ... ${output: -200}"
    [[ $output == *"nothing was submitted: "*"too long"* ]]
    [ -z "$(ls -A "$deep")" ]
}

@test "fleet submit --missing: not twice at once, and not from another directory" {
    mkdir -p dir/tasks dir/stores dir/logs
    run submit e.yaml --shards 2 --print --dir "$PWD/dir"
    job_of >dir/fleet.json
    slurm_says
    cat >bin/sbatch <<END
#!/bin/sh
echo "\$*" >>$PWD/submitted
for i in \$(seq 300); do [ -e $PWD/go ] || sleep 0.1; done
echo 7
END
    chmod +x bin/sbatch
    PATH=$PWD/bin:$PATH
    mv dir moved
    run submit --missing moved
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"moved was submitted as $PWD/dir, where its tasks look for it: move it back, or make a link there"* ]]
    ln -s moved dir
    submit --missing moved 3>&- 4>&- &
    local pid=$!
    also_stop "$pid"
    wait_for test -e submitted
    run submit --missing dir
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"another \`xenbench fleet submit --missing\` works there"* ]]
    touch go
    wait "$pid"
    [ "$(wc -l <submitted)" = 2 ]
}

@test "fleet status, collect, task: what is no fleet is refused" {
    local verb text change shard
    mkdir dir
    for verb in status collect "submit --missing"; do
        # shellcheck disable=SC2086 # two words
        run "$XENBENCH" fleet $verb dir
        [ "$status" -eq 2 ]
        [[ $output == *"is no fleet's directory"* ]]
        for text in '[' '{}' '{"schema": "xenbench-fleet-job/2"}' '{"schema": "xenbench-fleet-job/1", "shards": "x"}'; do
            echo "$text" >dir/fleet.json
            # shellcheck disable=SC2086 # two words
            run "$XENBENCH" fleet $verb dir
            echo "$output"
            [ "$status" -eq 2 ]
        done
        rm dir/fleet.json
    done
    run submit e.yaml --hosts n1,n2 --print
    job_of >job
    for change in '.shards = 3' '.id = "../../x"' '.by = "moon"' '.hosts = ["n1"]' '.copy_to = "x"' '.set = [1]'; do
        jq "$change" job >dir/fleet.json
        run "$XENBENCH" fleet collect dir
        echo "$change: $output"
        [ "$status" -eq 2 ]
        [[ $output == *"is not what \`xenbench fleet submit\`"* ]]
    done
    for shard in 0 3 x ''; do
        SLURM_ARRAY_TASK_ID=$shard SLURMD_NODENAME=n1 run "$XENBENCH" fleet task <job
        [ "$status" -eq 2 ]
        [[ $output == *"is what a task of Slurm runs"* ]]
    done
    SLURM_ARRAY_TASK_ID=1 SLURMD_NODENAME=../n1 run "$XENBENCH" fleet task <job
    [ "$status" -eq 2 ]
    SLURM_ARRAY_TASK_ID=1 SLURMD_NODENAME=n1 run "$XENBENCH" fleet task <job
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"is not on this node: is it shared?"* ]]
}

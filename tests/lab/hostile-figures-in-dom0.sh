# SPDX-License-Identifier: GPL-3.0-or-later
# hostile-figures-in-dom0.sh REPETITIONS ATTACK...: the part of `hostile-figures` that runs in the lab's Dom0. Prints
# "ATTACK GUEST CHANGE LOW HIGH COULD-SHOW P COUNTED" for each comparison; changes are parts of the time.
# An ATTACK that is called `busy` is no attack, but a busy loop in Dom0.
# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit
repetitions=$1 loop='' dir=$(mktemp -d -p /var/lib/xenbench)
shift
exec 4>&1 >&2 # what commands say is no figure
trap '[ -z "$loop" ] || kill "$loop"; xenbench guest remove --destroy h1 h2 h3 h4 >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

cat >"$dir/beside.yaml" <<END
name: beside a guest
workload: {name: compute, command: [spin, --units, "6000"]}
guests:
  h1:
  h2:
  h3:
  h4: {workload: {name: idle, command: [sleep, "1"]}}
cases:
  - name: shared
    dom0: {vcpus: 1, hard: "0"}
    guests: {all: {hard: "1"}, h4: {hard: "0", cap: 25}}
repetitions: $repetitions
warmup: 1
timeout: 20s
boot_timeout: 8s
on_guest_failure: keep
max_attempts: 1
max_release_error: 1s
END

# start: starts the guests that do not run; one that an attack has broken is started anew
start() {
    xenbench guest start --wait --timeout 120 h1 h2 h3 h4 >/dev/null
    xenbench push h4 /root/hostile /tmp/hostile
}

# run NAME: status 1, a guest failed, is what an attack may cause
run() {
    timeout -s KILL 900 xenbench run --quiet --store "$dir/$1.sqlite" "$dir/beside.yaml" >/dev/null || [ $? -eq 1 ]
}

# rows ATTACK: prints the comparisons of the honest guests
rows() {
    # shellcheck disable=SC2016
    xenbench compare --format json "$dir/without.sqlite" "$dir/with.sqlite" | jq -r --arg attack "$1" '
        .comparisons[] | select(.guest != "h4") | [$attack, .guest, .change.estimate, .change.interval[0], .change.interval[1],
            .change.could_show, .test.p, .compared.n] | map(. // "-") | join(" ")'
}

xenbench guest create h1 h2 h3 h4 --image micro --type pv --memory 128M
start
for attack; do
    rm -f "$dir"/*.sqlite*
    run without
    case $attack in
    anew) set -- 150 ;;
    # Another guest's keys: generation, boot id, grant, event channel.
    claims) read -r -a claims < <(d=/local/domain/$(xl domid h1)/data/xenbench && n=$(xenstore-read "$d/generation") &&
        echo "$n" "$(xenstore-read "$d/boot" "$d/rings/$n/ring-ref" "$d/rings/$n/event-channel" | xargs)") || exit
        set -- "${claims[@]}"
        ;;
    *) set -- ;;
    esac
    if [ "$attack" = busy ]; then
        while :; do :; done >/dev/null 2>&1 4>&- &
        loop=$!
    else
        xenbench exec h4 -- /tmp/hostile "$attack" 850 "$@"
    fi
    run with
    [ -z "$loop" ] || { kill "$loop"; loop=''; }
    rows "$attack" >&4
    xenbench guest destroy h4
    start
    echo "$attack is done" >&2
done

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Commands, verbs and options as people type them, and the suggestions for typos.
load helper

setup() {
    own_state
}

# refuses TEXT ARGUMENT...: xenbench exits with status 2 and TEXT on stderr.
refuses() {
    local text=$1
    shift
    run --separate-stderr "$XENBENCH" "$@"
    [ "$status" -eq 2 ]
    [[ $stderr == *"$text"* ]] || { echo "$*: $stderr"; return 1; }
}

@test "a mistyped command, verb, option or word is answered with the nearest one" {
    refuses 'no command `gest`; did you mean `guest`?' gest lst
    refuses 'no verb `guest lst`; did you mean `guest list`?' guest lst
    refuses 'no option --jsn; did you mean --json?' guest list --jsn
    refuses 'no option --repetition-count' run --repetition-count=5 e.yaml
    refuses 'no option `--vrsion`; did you mean `--version`?' --vrsion
    refuses '--format=htm is none of table, md, html, json; did you mean html?' compare --format htm a b
    refuses '--storage=thn is none of file, lvm, thin; did you mean thin?' guest create x --storage thn
}

@test "a word like no other gets a pointer to the list" {
    refuses 'no command `frobnicate` (`xenbench --help` lists them)' frobnicate
    refuses 'no verb `runs frobnicate` (`xenbench runs --help` lists them)' runs frobnicate
    refuses '(`xenbench plan --help` lists them)' plan --frobnicate e.yaml
}

@test "a value that begins with dashes is no option, nor is anything after --" {
    run "$XENBENCH" exec unix:/nonexistent --connect-timeout 0.1 -- ls --jsn
    [[ $status -eq 3 && $output != *"no option"* ]]
    run "$XENBENCH" report --store --jsn
    [[ $status -eq 2 && $output != *"no option"* && $output == *--jsn* ]]
}

@test "numbers, superfluous words and missing ones" {
    refuses '--vcpus=0 is not a number from 1 to 512' guest create x --vcpus 0
    refuses '--memory=1K is not a size of 1M or more' guest create x --memory 1K
    refuses '`b` is one argument too many' plan a b
    refuses '`x`: no argument is expected' clean x
    refuses 'which guests?' guest stop
    refuses '--all and names do not go together' guest stop x --all
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages: one for each command, with everything that --help lists, readable by man and
# mandoc, and without references to pages that do not exist.
load helper

# Columns must be characters, whatever the machine's locale is.
export LC_ALL=C.UTF-8

MAN=$BIN/../man
TOP=$BATS_TEST_DIRNAME/../..

# plain PAGE: prints its text without troff's escapes
plain() {
    sed 's/\\f[BIR]//g; s/\\-/-/g; s/\\(aq/'"'"'/g' "$MAN/$1"
}

# section PAGE HEADING: prints the text from .SH HEADING or .SS HEADING to the next heading
section() {
    plain "$1" | awk -v heading="$2" '/^\.S[HS] /{on = substr($0, 5) == heading; next} on'
}

# listed WORD...: prints the commands, or a command's verbs, that the help lists
listed() {
    "$XENBENCH" "$@" --help | sed -n '1{/\(VERB\|COMMAND\) \[ARGUMENTS\]$/!q}; s/^  \([a-z]\+\) .*/\1/p'
}

# options COMMAND...: prints the long options that its help lists
options() {
    "$@" --help | sed -nE 's/^ +(-.(, )?)?(--[a-z0-9-]+).*/\3/p'
}

# describes TEXT OPTION...: each option is the head of an item in the text.
describes() {
    local text=$1 option
    shift
    [ $# -gt 0 ]
    for option; do
        grep -qE "^(-., )?$option([^a-z-]|\$)" <<<"$text" || { echo "no $option"; return 1; }
    done
}

@test "each command has help and a page with examples; each of its options is there" {
    local command verb verbs heading names
    [ "$(listed | wc -l)" -gt 15 ]
    for command in $(listed); do
        for heading in NAME SYNOPSIS DESCRIPTION EXAMPLES 'SEE ALSO'; do
            [ -n "$(section "xenbench-$command.8" "$heading")" ] || { echo "$command: no $heading"; return 1; }
        done
        mapfile -t verbs < <(listed "$command")
        for verb in "${verbs[@]:-}"; do
            "$XENBENCH" "$command" ${verb:+"$verb"} --help | grep -q "^Usage: xenbench $command${verb:+ $verb}"
            mapfile -t names < <(options "$XENBENCH" "$command" ${verb:+"$verb"} | grep -vxE -- '--(help|usage)')
            [ "${#names[@]}" -eq 0 ] || describes "$(section "xenbench-$command.8" "${verb:-OPTIONS}")
$(plain "xenbench-$command.8" | sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p')" "${names[@]}"
            grep -q "^xenbench $command${verb:+ $verb}" <<<"$(section "xenbench-$command.8" SYNOPSIS)"
        done
        describes "$(plain "xenbench-$command.8")" --help --usage
        grep -qx "xenbench-$command(8)" <<<"$(section xenbench.8 COMMANDS)"
    done
}

@test "options of no command, of the agent and of recipes are in their pages" {
    describes "$(section xenbench.8 OPTIONS)" --verbose --color --no-sandbox --version --help
    "$XENBENCH" --help | grep -qF -- '[-v|--verbose] [--color=WHEN] [--no-sandbox]'
    mapfile -t names < <(options "$AGENT")
    describes "$(section xenbench-agent.8 OPTIONS)" "${names[@]}"
    mapfile -t names < <(options "$TOP/images/debian/build")
    describes "$(section xenbench-image.8 'OPTIONS OF A DEBIAN IMAGE')" "${names[@]}"
}

@test "xenbench-results(5) names each member of results.json" {
    local members member
    members=$(jq -r 'keys[], (.summary[0] | keys[], .guests.one as $g | ($g | keys[]), ($g.value | keys[])),
        (.comparisons[0].guests[] | keys[]), (to_entries[] | select(.value | type == "array") | .value[0] // {} | keys[])' \
        "$TOP/tests/data/report/results.json" | sort -u)
    [ "$(wc -l <<<"$members")" -gt 100 ]
    for member in $members; do
        grep -qw -- "$member" <<<"$(plain xenbench-results.5)" || { echo "no $member"; return 1; }
    done
}

@test "experiment files, workloads and the protocol: the whole text of docs/, and a key's place" {
    [ "$(section xenbench-experiment.5 'THE FILE' | grep -A 1 -x order)" = "order
interleaved: every case once, then every case again. sequential: all of one case, then the next. random: \
each round in a new order. Default: interleaved." ]
    local doc page
    for page in experiment.5:experiment workload.5:workloads results.5:store protocol.7:protocol; do
        doc=$TOP/docs/${page#*:}.md
        [ "$(grep -c '^## ' "$doc")" -le "$(grep -c '^\.SH ' "$MAN/xenbench-${page%:*}")" ]
        [ "$(grep -c '^| [^-]' "$doc")" -le "$(grep -c -e '^\.TP' -e '^\.S[HS] ' "$MAN/xenbench-${page%:*}")" ]
    done
}

@test "each page that a page names is there, and no line of Markdown is left" {
    local page text named
    for page in "$MAN"/*.[578]; do
        text=$(plain "${page##*/}")
        run -1 grep -nE '^@|^\||\]\([a-z]|`' <<<"$(sed '/^\.nf$/,/^\.fi$/d' <<<"$text")"
        for named in $(grep -oE 'xenbench(-[a-z]+)?\([1-9]\)' <<<"$text" | tr '(' . | tr -d ')'); do
            [ -s "$MAN/$named" ] || { echo "$page: $named is not there"; return 1; }
        done
    done
}

@test "man and mandoc find nothing wrong with any page, and whatis can read each" {
    command -v man >/dev/null || skip "there is no man"
    local page
    for page in "$MAN"/*.[578]; do
        run --separate-stderr env MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page"
        [ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "$page: $stderr"; return 1; }
        lexgrog "$page"
    done
    command -v mandoc >/dev/null || skip "there is no mandoc"
    mandoc -Tlint -Wwarning "$MAN"/*.[578]
}

@test "a page keeps to 80 columns but for examples" {
    command -v mandoc >/dev/null || skip "there is no mandoc"
    local page
    for page in "$MAN"/*.[578]; do
        run -1 grep -E '^.{80}' <<<"$(sed '/^\.nf$/,/^\.fi$/d' "$page" | mandoc -Tutf8 -Owidth=78 | col -bx)"
    done
}

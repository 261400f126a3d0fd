#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the commands of docs/guide.md and docs/questions.md in a Dom0, in the order of the pages, and shows what they print,
# for the pages.

load helper

DIR=/tmp/guide
pages=$BATS_TEST_DIRNAME/../../docs

setup_file() {
    dom0 "rm -rf $DIR && mkdir $DIR"
}

teardown_file() {
    dom0 "rm -rf $DIR; xenbench guest remove --destroy booted" >/dev/null 2>&1 || true
}

# commands PAGE SECTION...: prints the sections' lines that call xenbench; joins lines that end with a backslash.
commands() {
    local section
    for section in "${@:2}"; do
        awk -v section="## $section" '/^## /{on = $0 == section} on' "$1"
    done | sed -n '/^    xenbench /{:more; /\\$/{N; s/\\\n *//; b more}; s/^    //; p}'
}

# fewer COUNT: lowers the repetitions in the lines of its input; the pages have as many as an interval needs.
fewer() {
    sed -E "s/(repetitions[ =])[0-9]+/\1$1/"
}

# follow PAGE COUNT SECTION...: runs the sections' commands, at least COUNT, with $repetitions in place of the page's, if set.
# `allowed` has the statuses that may be other than 0.
follow() {
    local line does status count=0 allowed
    while read -r line; do
        does=$line
        case $line in
        'xenbench image build '*) continue ;; # the lab's images are made outside
        *' && xenbench compare '*--fail-if*)
            # The run must succeed, and the verdict may be any: the lab is as noisy as the machine beneath it.
            does=${line/ && / || exit 99; } allowed='^[012]$' ;;
        'xenbench doctor'*) allowed='^[03]$' ;; # a lab is not fit to measure on
        *) allowed='^0$' ;;
        esac
        status=0
        echo "# \$ $line" >&3
        dom0 "cd $DIR && $does" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- </dev/null || status=$?
        sed 's/^/#     /' "$BATS_TEST_TMPDIR/said" >&3
        [[ $status =~ $allowed ]] || die "status $status: $line"
        count=$((count + 1))
    done < <(commands "$1" "${@:3}" | if [ -n "${repetitions:-}" ]; then fewer "$repetitions"; else cat; fi)
    echo "# $count commands" >&3
    [ "$count" -ge "$2" ]
}

@test "the guide: the host, an image, a first figure" {
    follow "$pages/guide.md" 3 "The host" "An image, and a first figure"
}

@test "the guide: the question as a file, the run, what to publish" {
    follow "$pages/guide.md" 5 "The question as a file" "The run" "What to publish"
    dom0 "cd $DIR && grep -q '<html' report/report.html && [ \$(wc -l <samples.csv) -ge 36 ] && sqlite3 schedulers.sqlite 'SELECT 1 FROM runs' &&
        ! xl cpupool-list | grep -q bench"
}

@test "the guide: a colleague's result, reproduced" {
    follow "$pages/guide.md" 3 "A colleague's result, reproduced"
}

@test "questions: is the newer kernel better?" {
    repetitions=4 follow "$pages/questions.md" 1 "Is the newer kernel better?"
}

@test "questions: how noisy are the neighbours?" {
    repetitions=2 follow "$pages/questions.md" 1 "How noisy are the neighbours?"
}

@test "questions: how long does a guest take to boot?" {
    follow "$pages/questions.md" 3 "How long does a guest take to boot, or to be restored?"
}

@test "questions: a nightly run, and a colleague's" {
    follow "$pages/questions.md" 8 "Has last night's change made it slower?" "Does a colleague's result hold here?"
    dom0 "cd $DIR && grep -q '<testsuite' compare.xml"
}

@test "questions: what does a weight, a cap or a pin give?" {
    repetitions=1 follow "$pages/questions.md" 2 "What does a weight, a cap or a pin give?"
}

@test "no page has a section whose commands no test follows" {
    local page section
    for page in guide questions; do
        while read -r section; do
            [ "$(commands "$pages/$page.md" "$section" | wc -l)" -eq 0 ] || grep -qF "\"$section\"" "$BATS_TEST_FILENAME" || die "$page: $section"
        done < <(sed -n 's/^## //p' "$pages/$page.md")
    done
}

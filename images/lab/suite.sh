# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# suite.sh: the Debian suites that a lab may be of, and the build that belongs into its Dom0. Sourced, by make's sh too.

host_suite() {
    # shellcheck disable=SC1091 # the machine's own
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# This machine's, so that one build does for both, where a lab of it has been tried.
default_suite() {
    case $(host_suite) in
    trixie) echo trixie ;;
    *) echo bookworm ;;
    esac
}

# Whose source the Xen with all schedulers is built from, so that this suite's toolstack and controller fit it.
hypervisor_suite() {
    echo bookworm
}

# suite_stage BUILD SUITE: where in BUILD `make suite-stage` lays out the tree for a Dom0 of SUITE.
suite_stage() {
    if [ "$2" = "$(host_suite)" ]; then
        echo "$1/stage"
    else
        echo "$1/$2/stage"
    fi
}

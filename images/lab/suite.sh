# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# suite.sh: a lab's Debian suite, and the build for its Dom0. Sourced, also by make's sh.

host_suite() {
    # shellcheck disable=SC1091 # the machine's own
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# The lab's suite is this machine's, so that one build serves both, if labs of that suite are tested.
default_suite() {
    case $(host_suite) in
    trixie) echo trixie ;;
    *) echo bookworm ;;
    esac
}

# The suite from whose source the Xen with all schedulers is built; it needs this suite's toolstack and controller.
hypervisor_suite() {
    echo bookworm
}

# suite_stage BUILD SUITE: prints where in BUILD `make suite-stage` puts the tree for a Dom0 of SUITE.
suite_stage() {
    if [ "$2" = "$(host_suite)" ]; then
        echo "$1/stage"
    else
        echo "$1/$2/stage"
    fi
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts that debhelper generates do to a running system when the Debian package is upgraded.

setup() {
    command -v dh_installsystemd >/dev/null || skip "there is no debhelper"
    local top
    top=$(realpath "$BATS_TEST_DIRNAME/../..")
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$top/debian" .
    rm -rf debian/.debhelper debian/xenbench debian/xenbench-agent
    install -D -m 644 -t debian/xenbench/lib/systemd/system "$top/dom0/guest/xenbench-guests.service"
    make -s -f debian/rules override_dh_installsystemd
    dh_installdeb --package=xenbench
}

# orders NAME ARGUMENT...: prints what a maintainer script asks systemd to do
orders() {
    local name=$1
    shift
    {
        printf 'deb-systemd-invoke() { echo "$@" >&2; }\ndeb-systemd-helper() { :; }\nsystemctl() { :; }\n'
        sed 's|-d /run/systemd/system|-d /|' "debian/xenbench/DEBIAN/$name"
    } >script
    bash script "$@" 2>&1
}

@test "an upgrade neither stops nor restarts the unit whose stop ends the guests; a removal stops it" {
    [ "$(orders postinst configure)" = "start xenbench-guests.service" ]
    [ "$(orders postinst configure 0.0.9)" = "start xenbench-guests.service" ]
    [ -z "$(orders prerm upgrade 0.1.1)" ]
    [ ! -e debian/xenbench/DEBIAN/preinst ]
    [ "$(orders prerm remove)" = "stop xenbench-guests.service" ]
}

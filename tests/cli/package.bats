#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the Debian package's scripts, and those that debhelper generates, do to a running system.

setup() {
    top=$(realpath "$BATS_TEST_DIRNAME/../..")
    cd "$BATS_TEST_TMPDIR" || return
}

# Make the scripts in debian/xenbench/DEBIAN.
generate_scripts() {
    command -v dh_installsystemd >/dev/null || skip "there is no debhelper"
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
    generate_scripts
    [ "$(orders postinst configure)" = "start xenbench-guests.service" ]
    [ "$(orders postinst configure 0.0.9)" = "start xenbench-guests.service" ]
    [ -z "$(orders prerm upgrade 0.1.1)" ]
    [ ! -e debian/xenbench/DEBIAN/preinst ]
    [ "$(orders prerm remove)" = "stop xenbench-guests.service" ]
}

purge() {
    sed "s|/var/lib/xenbench|$PWD/state|; s|/run/xenbench|$PWD/run|" "$top/debian/xenbench.postrm" >postrm
    run sh postrm purge
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a purge keeps the records of what is outside the state folder: volumes and changes to the host" {
    for kept in guests/g/guest.json host-prepare.json images/i/image.json images/.i.removed/image.json images/.i.part/volume.json; do
        rm -rf state
        mkdir -p "$(dirname "state/$kept")"
        jq -n '{volume_made: true}' >"state/$kept"
        purge
        [ -e "state/$kept" ]
        [[ $output == *"is kept"*"xenbench image remove"* ]]
    done
    rm -rf state
    mkdir -p state/guests state/images/i
    jq -n '{volume_made: false}' >state/images/i/image.json
    purge
    [ ! -e state ]
}

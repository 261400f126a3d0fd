# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# image.sh: shared by all recipes: options, publishing a complete image, image.json.
#
# A recipe sets $kind and $suite, sources this file, defines recipe_usage, recipe_option, recipe_check, recipe_settings
# (prints what affects the result and is the recipe's own: options, and digests of files) and build_image (fills $part and may use $scratch), and calls image_main.

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
common=$here/../common
state=${XENBENCH_STATE:-/var/lib/xenbench}

# Progress goes to the caller's stdout (3), errors to the caller's stderr (4), and the tools' output
# to a log once a build has begun. Exit statuses are xenbench's: 2 for the user's mistakes, 3 for
# the machine's.
exec 3>&1 4>&2
log=
say() {
    echo "$*" >&3
    [ -z "$log" ] || echo "$*"
}
wrong() { echo "xenbench: image ${name:-}: $*" >&4; exit 2; }
fail() {
    [ -z "$log" ] || tail -n 15 "$log" >&4
    echo "xenbench: image ${name:-}: $*${log:+ (all of it: $log)}" >&4
    [ -z "$log" ] || touch "$scratch/told"
    exit 3
}

# fault STEP: kills the build at the step that a test names (docs/storage.md)
fault() {
    [ "${XENBENCH_FAULT:-}" != list ] || echo "fault: $1" >&4
    [ "${XENBENCH_FAULT:-}" != "$1" ] || kill -KILL $$
}

# shellcheck source=images/common/path.sh
. "$common/path.sh"
# shellcheck source=images/common/options.sh
. "$common/options.sh"
# shellcheck source=images/common/apt.sh
. "$common/apt.sh"
# shellcheck source=images/common/package.sh
. "$common/package.sh"
# shellcheck source=images/common/files.sh
. "$common/files.sh"
# shellcheck source=images/common/kernel.sh
. "$common/kernel.sh"
# shellcheck source=images/common/initramfs.sh
. "$common/initramfs.sh"
# shellcheck source=images/common/replaced.sh
. "$common/replaced.sh"

# built NAME: the path of a program that we put into images
built() {
    local dir
    for dir in "${XENBENCH_LIB:-}" "$here/../../build/bin" /usr/lib/xenbench; do
        if [ -n "$dir" ] && [ -x "$dir/$1" ]; then
            realpath "$dir/$1"
            return
        fi
    done
    fail "no $1 in ${XENBENCH_LIB:-/usr/lib/xenbench}: is xenbench installed (or built: make)?"
}

# The xenbench that runs this recipe, or else the one beside the recipe.
xenbench_program() {
    local file
    [ -z "${XENBENCH:-}" ] || { echo "$XENBENCH"; return; }
    for file in "${XENBENCH_LIB:-/nowhere}/xenbench" "$here/../../build/bin/xenbench"; do
        [ ! -x "$file" ] || { echo "$file"; return; }
    done
    echo xenbench
}

# Add what the chosen workloads need; xenbench prints it as lines "package NAME" and "file SRC:DST".
resolve_workloads() {
    local xenbench workload parts what value
    [ "${#workloads[@]}" -gt 0 ] || return 0
    xenbench=$(xenbench_program)
    for workload in "${workloads[@]}"; do
        parts=$("$xenbench" workload show --parts "$workload") || exit 2
        while read -r what value; do
            case $what in
            package) packages+=("$value") ;;
            file) files+=("$value") ;;
            esac
        done <<<"$parts"
    done
}

# recipe_sha256: covers everything that decides the image's contents, except the packages' versions
recipe_sha256() {
    local file settings
    settings=$(recipe_settings)
    {
        printf '%s\n' "$kind" "$name" "$suite" "$arch" "$kernel" "$append" "$settings" "${SOURCE_DATE_EPOCH:-}"
        printf '%s\n' "${packages[@]}" "${workloads[@]}" "${mirrors[@]}" "${apt_extra[@]}" "$keyring"
        find "$here" "$common" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
        cat "$agent" ${keyring:+"$keyring"}
        case $kernel in default | backports) ;; *) cat "$kernel" ;; esac
        for file in "${files[@]}"; do
            echo "/${file##*:/} $(stat -L -c %a "${file%:/*}")"
            if [ -d "${file%:/*}" ]; then
                tar -C "${file%:/*}" --sort=name --owner=0 --group=0 --mtime=@0 -cf - .
            else
                cat "${file%:/*}"
            fi
        done
    } | sha256sum | cut -d' ' -f1
}

up_to_date() {
    [ -z "$force" ] && [ -e "$images/$name/image.json" ] &&
        [ "$(jq -r .recipe_sha256 "$images/$name/image.json")" = "$recipe" ]
}

# Lock the name against other builds and readers. Restore the previous image, or remove the remains,
# of a killed build.
open_part() {
    local left=$images/.$name.part
    mkdir -p "$images"
    exec 9>"$images/.$name.lock"
    flock -n 9 || fail "image $name is being built by another process, or exported, or a guest is being made from it"
    if [ ! -e "$images/$name" ] && [ -e "$images/.$name.old" ]; then
        mv "$images/.$name.old" "$images/$name"
    fi
    # These directories record a volume that must be removed with them. $part is not set yet, so
    # `end` leaves them alone.
    if [ -e "$left/volume.json" ] || [ -e "$images/.$name.removed" ]; then
        fail "an earlier build or removal was killed: \`xenbench clean\` finishes it"
    fi
    replaced_check "$images/$name"
    replaced_remove "$images/.$name.old" || fail "the image that an earlier build replaced is still there: \`xenbench clean\` says why"
    part=$left
    scratch=$images/.$name.scratch
    rm -rf "$part" "$scratch"
    mkdir "$part" "$scratch"
}

# Sync the image before giving it its name, so that not even a power failure leaves a partial image.
publish() {
    chmod -R u=rwX,go=rX "$part"
    find "$part" -type f -exec sync {} +
    fault built
    if [ -e "$images/$name" ]; then
        mv "$images/$name" "$images/.$name.old"
        fault old-hidden
    fi
    mv "$part" "$images/$name"
    fault published
    rm -rf "$images/.$name.removed"
    replaced_remove "$images/.$name.old" || say "the replaced image is still there: \`xenbench clean\` removes it"
    sync "$images"
}

# Guests have their own copies of the kernel, but those made by older versions boot the image's files,
# which have just changed.
tell_guests() {
    local cfg guest
    for cfg in "$state"/guests/*/*.cfg; do
        if grep -qsE "^[^#]*\"$images/$name/" "$cfg"; then
            guest=${cfg##*/}
            say "guest ${guest%.cfg} has no kernel of its own: it starts with that of the new image from now on"
        fi
    done
}

# The digest of each of the image's files, one per line. A disk written to a volume has its digest
# in $disk_sha256.
file_digests() {
    local file
    for file in vmlinux vmlinuz initrd.img disk.img; do
        [ ! -e "$part/$file" ] || echo "$file $(sha256sum <"$part/$file" | cut -d' ' -f1)"
    done
    [ -z "${disk_sha256:-}" ] || echo "disk.img $disk_sha256"
}

# write_json KEY=VALUE...: writes image.json with the common fields and these; VALUE is JSON
write_json() {
    local pair args=() bzimage=
    [ ! -e "$part/vmlinuz" ] || bzimage=vmlinuz
    for pair; do
        args+=(--argjson "${pair%%=*}" "${pair#*=}")
    done
    jq -n --arg name "$name" --arg kind "$kind" --arg suite "$suite" --arg arch "$arch" \
        --arg kernel vmlinux --arg bzimage "$bzimage" --arg kernel_release "$release" --arg initrd initrd.img \
        --arg created "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" --arg recipe_sha256 "$recipe" \
        --arg agent_version "$(agent_version)" --arg agent_sha256 "$(sha256sum "$agent" | cut -d' ' -f1)" \
        --argjson workloads "$(json_list "${workloads[@]}")" --argjson packages "$(json_list "${packages[@]}")" \
        --argjson sha256 "$(file_digests | jq -Rn '[inputs | split(" ") | {(.[0]): .[1]}] | add // {}')" \
        --argjson xen_types "$(kernel_xen_types "$part/vmlinux" | jq -Rn '[inputs]')" \
        "${args[@]}" '$ARGS.named' >"$part/image.json"
}

json_list() {
    [ $# = 0 ] && echo '[]' && return
    printf '%s\n' "$@" | jq -Rn '[inputs]'
}

agent_version() {
    "$agent" --version 2>/dev/null </dev/null | awk 'NR == 1 { print $NF }' || echo unknown
}

# Remove everything but the log of a build that did not finish.
end() {
    local status=$?
    if [ "$status" != 0 ] && [ "$status" != 130 ] && [ -n "$log" ] && [ ! -e "$scratch/told" ]; then
        tail -n 15 "$log" >&4
        echo "xenbench: image $name: the build failed (all of it: $log)" >&4
        status=3
    fi
    # Remove the volume before its record. Without $part the image is complete, and its volume
    # stays.
    if [ -n "${lv_to_remove:-}" ] && [ -d "$part" ]; then
        lvremove -q -y "$lv_to_remove" || exit 3
    fi
    rm -rf ${scratch:+"$scratch"} ${part:+"$part"}
    exit "$status"
}

open_log() {
    mkdir -p "$state/log"
    log=$state/log/image-$name.log
    if [ -n "${XENBENCH_VERBOSE:-}" ]; then
        exec > >(tee "$log" >&4) 2>&1
    else
        exec >"$log" 2>&1
    fi
}

image_main() {
    parse_options "$@"
    check_options
    epoch=${SOURCE_DATE_EPOCH:-$(date +%s)}
    cache=$state/cache
    scratch='' part=''
    trap end EXIT
    trap 'exit 130' INT TERM HUP
    resolve_workloads
    recipe_check
    recipe=$(recipe_sha256)
    if up_to_date; then
        say "image $name is up to date"
        return
    fi
    open_part
    open_log
    mkdir -p "$cache"
    build_image
    publish
    lv_to_remove=
    tell_guests
    say "image $name is ready: $images/$name ($(du -sh "$images/$name" | cut -f1))"
}

# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# files.sh: puts the files of --file and of the workloads into an image's tree.

# put_file TREE SRC:DST: refuses a DST below a symbolic link that leads out of TREE, as the guest's
# absolute links do here.
put_file() {
    local tree from=${2%:/*} to=/${2##*:/} parent
    tree=$(realpath "$1")
    parent=$(realpath -m "$tree$(dirname "$to")")
    case $parent/ in
    "$tree"/*) ;;
    *)
        echo "error: --file $2: $(dirname "$to") is a link in the image; name the directory that it leads to" >&2
        return 1
        ;;
    esac
    mkdir -p "$parent"
    cp -R --preserve=mode,links -T "$from" "$parent/$(basename "$to")"
}

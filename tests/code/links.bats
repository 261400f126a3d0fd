#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Links of the pages lead to files and headings that are there: in the sources, and in the package xenbench-doc.
bats_require_minimum_version 1.5.0

top=$BATS_TEST_DIRNAME/../..

@test "links: every page's links lead somewhere" {
    "$top/mk/doc-links" "$top"
}

@test "links: one to a missing file or heading is found, and replaced by its text" {
    cd "$BATS_TEST_TMPDIR"
    printf '# A `b` c-d, e\n\n[a](#a-b-c-d-e) [b](two.md#two) [c](three.md) [d](two.md#three) [e](https://example.org/x)\n' >one.md
    echo '## Two' >two.md
    run -1 "$top/mk/doc-links" .
    [ "$output" = "./one.md: three.md
./one.md: two.md#three" ]
    "$top/mk/doc-links" --unlink .
    grep -qF '[a](#a-b-c-d-e) [b](two.md#two) c d [e](https://example.org/x)' one.md
}

@test "links: those of the package's pages lead to what is in the package" {
    command -v dh_installdocs >/dev/null || skip "there is no debhelper"
    cd "$BATS_TEST_TMPDIR"
    mkdir dom0
    cp -r "$top"/{debian,docs,mk,README.md,CONTRIBUTING.md} .
    cp -r "$top"/dom0/{README.md,examples} dom0
    rm -rf debian/.debhelper debian/xenbench*/
    make -s -f debian/rules override_dh_installdocs override_dh_compress
    local doc=debian/xenbench-doc/usr/share/doc/xenbench-doc
    "$top/mk/doc-links" "$doc"
    grep -qF '](dom0/examples/four-cases.yaml)' "$doc/README.md"
    grep -qF '](copyright)' "$doc/README.md"
    [ -e "$doc/docs/guide.md" ] && [ -e "$doc/copyright" ] && [ ! -e "$doc/docs/man" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages as headless Chromium draws them: make check-pages.
bats_require_minimum_version 1.5.0

setup_file() {
    "$BATS_TEST_DIRNAME/write" "$BATS_FILE_TMPDIR/pages"
}

# look PAGE...: draws the pages and compares them with the stored facts and pictures.
look() {
    node "$BATS_TEST_DIRNAME/look.js" "$BATS_TEST_TMPDIR/out" --against "$BATS_TEST_DIRNAME/kept" "$@"
}

@test "pages: at three widths, light and dark, nothing is cut off, overlaps or breaks a number, and all is as kept" {
    look "$BATS_FILE_TMPDIR"/pages/*.html
    # On paper there is everything that is not folded, in light colours.
    pdftotext -layout "$BATS_TEST_TMPDIR/out/four-cases.pdf" "$BATS_TEST_TMPDIR/text"
    grep -q 'Why to trust it' "$BATS_TEST_TMPDIR/text"
    grep -qE 'clone2 +50.% of 50.%' "$BATS_TEST_TMPDIR/text"
    run ! grep -q 'Measured on' "$BATS_TEST_TMPDIR/text"
}

# spoil MESSAGE SED-SCRIPT: a page damaged by the script is reported with this message
spoil() {
    sed "$2" "$BATS_FILE_TMPDIR/pages/four-cases.html" >"$BATS_TEST_TMPDIR/four-cases.html"
    run -1 look "$BATS_TEST_TMPDIR/four-cases.html"
    grep -qF "$1" <<<"$output"
}

@test "pages: a drawing of a fixed size, a number that wraps, a missing dark mode and a missing chart are found" {
    spoil 'beyond the screen: <svg' 's/svg{grid-area:draw;display:block;width:100%}/svg{grid-area:draw;display:block;width:700px}/'
    spoil 'a number wraps' 's/\xc2\xa0/ /g; s/white-space:nowrap//'
    spoil 'in dark mode' 's/prefers-color-scheme:dark/prefers-color-scheme:none/'
    spoil 'charts: ' '/id="chart-shares"/,/<\/figure>/d'
    spoil 'the page runs or loads something' 's/<main>/<main><img src="x">/'
}

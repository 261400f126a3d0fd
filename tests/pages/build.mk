# SPDX-License-Identifier: GPL-3.0-or-later
# Pages of reports as a browser shows them. Chromium is large, so this is not part of `make check`.
PAGES := $(BUILD)/pages

write-pages: all
	rm -rf $(PAGES)
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin tests/pages/write $(PAGES)

## make report-pictures pages of stored runs in build/pages, drawn at the width of phone, tablet and desk, light and dark, and as PDF
report-pictures: deps-pages write-pages
	node tests/pages/look.js $(PAGES) $(PAGES)/*.html
	for pdf in $(PAGES)/*.pdf; do pdftoppm -r 60 -png "$$pdf" "$${pdf%.pdf}-page"; done

## make check-pages    the same; fails where something is cut off, overlaps, wraps in a number, or differs from tests/pages/kept
check-pages: deps-pages all
	XENBENCH_BIN=$(CURDIR)/$(BUILD)/bin $(PROVE) tests/pages/pages.bats

# Store the present pictures as the reference, and copy those that docs/report.md shows.
keep-pages: report-pictures
	cp $(PAGES)/facts.json $(PAGES)/four-cases-*-small.png tests/pages/kept
	cp $(PAGES)/four-cases-390-light-top.png $(PAGES)/four-cases-1400-dark-top.png docs/pictures

.PHONY: check-pages keep-pages report-pictures write-pages

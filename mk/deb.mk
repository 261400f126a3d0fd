# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages, built in a separate folder from the files that git tracks, with uncommitted
# changes.
DEB_DEPS := build-essential debhelper lintian
DEB_DIR := $(CURDIR)/build/deb

# $(call build-deb,FOLDER): the packages in FOLDER, built in FOLDER/xenbench.
define build-deb
	rm -rf $(1)
	mkdir -p $(1)/xenbench
	git ls-files -z >$(1)/files
	tar --null --files-from=$(1)/files -cf $(1)/tree.tar
	tar -xf $(1)/tree.tar -C $(1)/xenbench
	rm $(1)/files $(1)/tree.tar
	cd $(1)/xenbench && dpkg-buildpackage --build=binary --no-sign --jobs=1
endef

## make deb            the Debian package in build/deb, and what lintian says of it
deb:
	@mk/deps $(DEB_DEPS) $(DEPS_BUILD)
	$(call build-deb,$(DEB_DIR))
	lintian --pedantic --fail-on error,warning --tag-display-limit 0 $(DEB_DIR)/*.changes

## make check-deb-twice the packages, built twice where all differs that must not matter, are the same bytes
DEB_TWICE := $(CURDIR)/build/deb-twice
check-deb-twice: export DEB_BUILD_OPTIONS =
check-deb-twice:
	@mk/deps $(DEB_DEPS) $(DEPS_BUILD)
	+umask 022 && TZ=UTC LC_ALL=C.UTF-8 $(MAKE) --no-print-directory deb-once DEB_DIR=$(DEB_TWICE)/one
	+umask 002 && TZ=Pacific/Auckland LC_ALL=C HOME=/nonexistent DEB_BUILD_OPTIONS=nocheck \
	  $(MAKE) --no-print-directory deb-once DEB_DIR=$(DEB_TWICE)/in-another/folder
	cd $(DEB_TWICE)/one && for deb in *.deb; do cmp $$deb ../in-another/folder/$$deb && echo "$$deb: the same" || exit; done

deb-once:
	$(call build-deb,$(DEB_DIR))
.PHONY: deb check-deb-twice deb-once

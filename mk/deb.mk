# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages, built in a separate folder from the files that git tracks, with uncommitted
# changes.
DEB_DEPS := build-essential debhelper lintian
DEB_DIR := $(CURDIR)/build/deb

## make deb            the Debian package in build/deb, and what lintian says of it
deb:
	@mk/deps $(DEB_DEPS) $(DEPS_BUILD)
	rm -rf $(DEB_DIR)
	mkdir -p $(DEB_DIR)/xenbench
	git ls-files -z | tar --null --files-from=- -c | tar -x -C $(DEB_DIR)/xenbench
	cd $(DEB_DIR)/xenbench && dpkg-buildpackage --build=binary --no-sign --jobs=1
	lintian --fail-on error --tag-display-limit 0 $(DEB_DIR)/*.changes
.PHONY: deb

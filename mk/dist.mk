# SPDX-License-Identifier: GPL-3.0-or-later
# What is published: the source as an archive, and the packages as a signed archive for apt.
DIST := $(BUILD)/dist/xenbench-$(VERSION).tar.xz
REPO_DEPS := apt-utils gnupg

## make dist           the committed source as build/dist/xenbench-VERSION.tar.xz; of one commit always the same bytes
dist:
	@mkdir -p $(BUILD)/dist
	git archive --prefix=xenbench-$(VERSION)/ --output=$(DIST:.xz=) HEAD && xz -9 --threads=1 --force $(DIST:.xz=)
	@echo $(DIST)

## make repo           build/repo, a signed archive for apt of the packages of `make deb` (KEY=ID: your key in place of a new one)
repo: deb
	@mk/deps $(REPO_DEPS)
	mk/repo $(DEB_DIR) $(abspath $(BUILD)/repo) $(KEY)

## make check-packages the packages from that archive in a clean Debian: installed, tried, removed, upgraded, purged; and the agent's
check-packages: repo
	mk/check-packages $(abspath $(BUILD)/repo)
.PHONY: dist repo check-packages

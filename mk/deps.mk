# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages for building, the demo and the tests; those that are missing are installed.
DEPS_BUILD := gcc libc6-dev pkg-config libxen-dev libprotobuf-c-dev protobuf-c-compiler libfyaml-dev \
	libsqlite3-dev libjansson-dev libgsl-dev libzstd-dev libblkid-dev libseccomp-dev zlib1g-dev \
	jq
# What `xenbench image build` calls.
DEPS_IMAGES := mmdebstrap e2fsprogs cpio zstd xz-utils kmod grub-common grub-pc-bin distro-info-data
DEPS_LAB := $(DEPS_IMAGES) qemu-system-x86 qemu-utils lz4 bzip2 openssh-client socat jq busybox-static ca-certificates \
	fakeroot uidmap
DEPS_TEST := git libcmocka-dev bats procps time nodejs clang libclang-rt-dev sqlite3 cmark-gfm systemd \
	python3 python3-jsonschema python3-prometheus-client perl xz-utils shellcheck reuse clang-format clang-tidy cppcheck
# What its packages' scripts do on upgrade.
DEPS_TEST += debhelper
# To test the manual pages and completion.
DEPS_TEST += man-db mandoc bsdextrautils zsh
# A Slurm cluster of two nodes, for make check-slow and make check-fleet.
DEPS_TEST += slurmctld slurmd munge slurm-client
# Xen from Debian's source package (images/lab/hypervisor), for make check-schedulers.
DEPS_HYPERVISOR := gcc make binutils bison flex python3 dpkg-dev debian-archive-keyring ca-certificates xz-utils
# A browser that draws pages, for make report-pictures and make check-pages.
DEPS_PAGES := bats chromium nodejs poppler-utils sqlite3 fonts-dejavu-core
# LLVM's tools, which read the profiles that clang's programs write, for make fuzz-coverage.
DEPS_COVERAGE := $(DEPS_BUILD) clang libclang-rt-dev llvm
DEPS := $(DEPS_BUILD) $(DEPS_LAB) $(DEPS_TEST)

deps:
	@mk/deps $(sort $(DEPS))
	@mk/deps-npm

## make deps           install the Debian packages that everything below needs
.PHONY: deps

## make deps-build     install only those for `make` and `xenbench image build`: on a host that is measured, nothing else should run
deps-build:
	@mk/deps $(sort $(DEPS_BUILD) $(DEPS_IMAGES))
.PHONY: deps-build

deps-hypervisor:
	@mk/deps $(sort $(DEPS_HYPERVISOR))
.PHONY: deps-hypervisor

deps-pages:
	@mk/deps $(sort $(DEPS_PAGES))
.PHONY: deps-pages

deps-coverage:
	@mk/deps $(sort $(DEPS_COVERAGE))
.PHONY: deps-coverage

# SPDX-License-Identifier: GPL-3.0-or-later
# What tests do not show: the sources' layout, and what four analyzers find. A file is checked again
# only after it, or a header that it includes, has changed.
LINT := build/lint
# Other releases of these tools lay out some lines differently and find other problems, so only
# Debian 12's count.
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-14) clang-format)

## make lint           clang-format, clang-tidy, cppcheck, gcc's analyzer, shellcheck and reuse over all of it
lint:
	@$(CLANG_FORMAT) --version 2>/dev/null | grep -q 'version 14' || { echo "lint: nothing is judged: that takes Debian 12's tools" \
	  "(clang-format 14), this is $$($(CLANG_FORMAT) --version 2>/dev/null || echo none)"; exit 0; }; \
	  $(MAKE) --no-print-directory -j$$(nproc) --output-sync --keep-going lint-licence lint-format lint-c lint-sh

## make format         lay out the sources as make lint wants them
format:
	@git ls-files -z '*.c' '*.h' | xargs -0 $(CLANG_FORMAT) -i

ifneq ($(filter lint-%,$(MAKECMDGOALS)),)
LINT_C := $(shell git ls-files '*.c')
$(if $(LINT_C),,$(error lint: git lists no files, so nothing would be judged))
LINT_H := $(shell git ls-files '*.h')
LINT_BATS := $(shell git ls-files 'tests/*.bats')
LINT_SH := $(filter-out $(LINT_BATS),$(shell git ls-files -z | xargs -0 grep -lIE -m 1 '^\#!/(usr/)?bin/(env )?(ba)?sh'))
LINT_FLAGS := $(CPPFLAGS) -DXB_TEST_DATA='""' -DXB_TEST_BIN='""' $(DOM0_INCLUDES) -Iguest-agent -Iimages/lab/labd \
	-Itests/integration -Itests/unit -Itests/fuzz -Itests/compare
LINT_PKGS := $(shell pkg-config --cflags $(DOM0_PKGS))

lint-format:
	@$(CLANG_FORMAT) --dry-run -Werror $(LINT_C) $(LINT_H)

# Each file must state its copyright holder and its licence.
lint-licence:
	@reuse lint --quiet || reuse lint

lint-c: $(LINT_C:%=$(LINT)/%.ok)
lint-sh: $(LINT_SH:%=$(LINT)/sh/%.ok) $(LINT_BATS:%=$(LINT)/bats/%.ok)

# -O1 lets gcc's analyzer see through small functions and still takes only seconds. Leak warnings are off, because it loses
# track of pointers stored through an argument and takes exit() for a leak; ASan finds leaks in the tests. Truncation is left
# to the build, whose -O2 knows more lengths. Tests are not analyzed: it does not know that cmocka's fail() does not return.
ANALYZE := -O1 -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Wno-format-truncation
$(LINT)/tests/%.c.ok: ANALYZE := -O1 -Wno-format-truncation

$(LINT)/%.c.ok: %.c .clang-tidy tests/.clang-tidy mk/cppcheck.cfg mk/cppcheck.suppressions mk/lint.mk | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@clang-tidy --quiet $< -- $(LINT_FLAGS) $(LINT_PKGS) -std=gnu17 >$@.log 2>&1 || { cat $@.log; exit 1; }
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability --library=gnu \
	  --library=mk/cppcheck.cfg --suppress=missingIncludeSystem --suppressions-list=mk/cppcheck.suppressions \
	  -DPROTOBUF_C_VERSION_NUMBER=1004000 $(LINT_FLAGS) $<
	@$(CC) $(LINT_FLAGS) $(LINT_PKGS) -std=gnu17 $(WARN) $(ANALYZE) -MMD -MP -MT $@ -MF $@.d -c -o /dev/null $<
	@touch $@
-include $(shell test -d $(LINT) && find $(LINT) -name '*.d')

# Cancel make's built-in rules, which would build the script tests/lab/soak from soak.c beside it.
$(LINT_SH) $(LINT_BATS): ;

$(LINT)/sh/%.ok: % mk/lint.mk
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@shellcheck -x -P SCRIPTDIR $<
	@touch $@

# bats files have scripts for a guest in single quotes (SC2016), run each test in a subshell (SC2030, SC2031), and use variables
# set by run, load and functions that a test calls (SC2153, SC2154).
$(LINT)/bats/%.ok: % mk/lint.mk
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@shellcheck -x -P SCRIPTDIR -e SC2016,SC2030,SC2031,SC2153,SC2154 $<
	@touch $@
endif

.PHONY: lint lint-licence lint-format lint-c lint-sh format

# SPDX-License-Identifier: GPL-3.0-or-later
# What no test tells: the sources' form, and what four analyzers make of them. A file is looked at again only when it, or a
# header that it includes, has changed.
LINT := build/lint
# Other releases of these tools lay out some lines otherwise and find other things: only Debian 12's judge.
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
LINT_BATS := $(shell git ls-files 'tests/*.bats')
LINT_SH := $(filter-out $(LINT_BATS),$(shell git ls-files -z | xargs -0 grep -lIE -m 1 '^\#!/(usr/)?bin/(env )?(ba)?sh'))
LINT_FLAGS := $(CPPFLAGS) -DXB_TEST_DATA='""' -DXB_TEST_BIN='""' $(DOM0_INCLUDES) -Iguest-agent -Iimages/lab/labd \
	-Itests/integration -Itests/unit -Itests/fuzz -Itests/compare
LINT_PKGS := $(shell pkg-config --cflags $(DOM0_PKGS))

lint-format:
	@git ls-files -z '*.c' '*.h' | xargs -0 $(CLANG_FORMAT) --dry-run -Werror

# Who has the copyright, and under which licence, of each file.
lint-licence:
	@reuse lint --quiet || reuse lint

lint-c: $(LINT_C:%=$(LINT)/%.ok)
lint-sh: $(LINT_SH:%=$(LINT)/sh/%.ok) $(LINT_BATS:%=$(LINT)/bats/%.ok)

# The analyzer of gcc 12 is for C; -O1 lets it see through the small functions, within seconds. It loses pointers that are
# stored behind an argument, and takes exit() for a leak: ASan looks for leaks in the tests. Whether a text is cut short is for the
# build to judge, whose -O2 knows more lengths. It does not know that cmocka's fail() does not return: tests are compiled only.
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

# No source of make's own rules: a script beside a program of its name (tests/lab/soak.c) is not made from it.
$(LINT_SH) $(LINT_BATS): ;

$(LINT)/sh/%.ok: % mk/lint.mk
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@shellcheck -x -P SCRIPTDIR $<
	@touch $@

# In bats: scripts for a guest stand in single quotes (SC2016), each test is a subshell (SC2030, SC2031), and run, load and the
# functions that a test calls set variables (SC2153, SC2154).
$(LINT)/bats/%.ok: % mk/lint.mk
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@shellcheck -x -P SCRIPTDIR -e SC2016,SC2030,SC2031,SC2153,SC2154 $<
	@touch $@
endif

.PHONY: lint lint-licence lint-format lint-c lint-sh format

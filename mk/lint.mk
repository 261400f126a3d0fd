# What no test tells: the sources' form, and what four analyzers make of them. A file is looked at again only when it, or a
# header that it includes, has changed.
LINT := build/lint
LINT_C := $(shell git ls-files '*.c')
LINT_SH := $(shell git ls-files -z | xargs -0 grep -lIE -m 1 '^\#!/(usr/)?bin/(env )?(ba)?sh' 2>/dev/null)
LINT_BATS := $(shell git ls-files 'tests/*.bats')
LINT_INCLUDES := $(DOM0_INCLUDES) -Iguest-agent -Iimages/lab/labd -Itests/integration -Itests/unit -Itests/fuzz
# Other releases of clang-format lay out some lines otherwise: only this one judges.
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-14) clang-format)
FORMATTER := $(shell $(CLANG_FORMAT) --version 2>/dev/null | grep -o 'version 14')

## make lint           clang-format, clang-tidy, cppcheck, gcc's analyzer and shellcheck over all of it; not clean yet, so no part of check
lint: lint-format lint-c lint-sh

## make format         lay out the sources as make lint wants them
format:
	$(CLANG_FORMAT) -i $(shell git ls-files '*.c' '*.h')

lint-format:
	$(if $(FORMATTER),$(CLANG_FORMAT) --dry-run -Werror $(shell git ls-files '*.c' '*.h'),@echo \
	  "lint: the layout is not judged: that takes clang-format 14, this is $(shell $(CLANG_FORMAT) --version 2>/dev/null || echo none)")

lint-c: $(LINT_C:%=$(LINT)/%.ok)

# The analyzer of gcc is for C; -O1 lets it see through the small functions, within seconds.
$(LINT)/%.c.ok: %.c .clang-tidy mk/lint.mk | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  LINT  $<"
	@clang-tidy --quiet $< -- $(CPPFLAGS) $(LINT_INCLUDES) -std=gnu17 2>&1 | sed '/ warnings\? generated\.$$/d' >$@.log; \
	  grep -q 'warning:\|error:' $@.log && { cat $@.log; exit 1; } || true
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	  --suppress=missingIncludeSystem --library=gnu --suppressions-list=mk/cppcheck.suppressions \
	  '-Djson_array_foreach(a,i,v)=for(;;)' '-Djson_object_foreach(a,i,v)=for(;;)' $(LINT_INCLUDES) -Iproto $<
	@$(CC) $(CPPFLAGS) $(LINT_INCLUDES) $(shell pkg-config --cflags $(DOM0_PKGS)) -std=gnu17 $(WARN) -O1 -fanalyzer -MMD -MP -MT $@ \
	  -MF $@.d -c -o /dev/null $<
	@touch $@
-include $(shell test -d $(LINT) && find $(LINT) -name '*.d')

lint-sh:
	shellcheck -x -P SCRIPTDIR $(LINT_SH) $(LINT_BATS)

.PHONY: lint lint-format lint-c lint-sh format

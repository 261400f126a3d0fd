# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages, completion for bash and zsh, and the schema of results.json. What pages say of commands and options comes
# from the program.
MAN := $(patsubst docs/man/%.md,$(BUILD)/man/%,$(wildcard docs/man/*.[578].md))
$(BUILD)/man/%: docs/man/%.md docs/man/make-page docs/man/markdown.awk docs/man/schema.jq debian/changelog $(XENBENCH)
	@mkdir -p $(@D)
	@echo "  MAN $@"
	@docs/man/make-page $< $(XENBENCH) $(VERSION) >$@
# The text of docs/ that a page takes.
$(BUILD)/man/xenbench-experiment.5: docs/experiment.md
$(BUILD)/man/xenbench-workload.5: docs/workloads.md
$(BUILD)/man/xenbench-results.5: docs/store.md docs/results.schema.json
$(BUILD)/man/xenbench-protocol.7: docs/protocol.md
$(BUILD)/man/xenbench-run.8: docs/one-line.md
$(BUILD)/man/xenbench-report.8: docs/formats.md
$(BUILD)/man/xenbench-compare.8: docs/compare.md
$(BUILD)/man/xenbench-history.8: docs/history.md
$(BUILD)/man/xenbench-fleet.8: docs/fleet.md
$(BUILD)/man/xenbench-trace.8: docs/trace.md
$(BUILD)/man/xenbench-host.8: docs/host.md
$(BUILD)/man/xenbench-image.8: $(wildcard images/*/build images/common/options.sh)
ALL += $(MAN)

man: $(MAN)

install-man: $(MAN)
	for page in $(MAN); do \
	  install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || exit; done
	install -D -m 644 docs/man/xenbench.bash-completion $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xenbench
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/xenbench docs/results.schema.json
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions docs/man/_xenbench
INSTALLS += install-man
.PHONY: man install-man

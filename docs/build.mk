# Manual pages, completion for bash, and the schema of results.json. What xenbench(8) says of commands and their options comes from the program.
MAN := $(BUILD)/man/xenbench.8
$(MAN): docs/man/xenbench.8.in $(XENBENCH)
	@mkdir -p $(@D)
	@echo "  MAN $@"
	@$(XENBENCH) --man >$@.commands
	@sed -e '/^@COMMANDS@$$/{' -e 'r $@.commands' -e d -e '}' $< >$@
ALL += $(MAN)

install-man: $(MAN)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(MAN) docs/man/xenbench-agent.8
	install -D -m 644 docs/man/xenbench.bash-completion $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xenbench
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/xenbench docs/results.schema.json
INSTALLS += install-man
.PHONY: install-man

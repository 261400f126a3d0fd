# Manual pages, and completion for bash.
install-man:
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 docs/man/xenbench.8 docs/man/xenbench-agent.8
	install -D -m 644 docs/man/xenbench.bash-completion $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xenbench
INSTALLS += install-man
.PHONY: install-man

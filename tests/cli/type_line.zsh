#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-3.0-or-later
# type_line.zsh bash|zsh LINE...: types each line and a tab into that shell, which runs in its own terminal with our
# completion, and prints what is then on its command line. Needs `xenbench` in PATH. TYPED_OUT names a file for everything
# that the shell shows.
zmodload zsh/zpty
setopt extended_glob

shell=$1
shift
top=${0:A:h}/../..
seen=$(mktemp)
trap 'rm -f $seen' EXIT

begin_bash() {
    zpty -b shell "bash --noprofile --norc -i"
    zpty -w shell "PS1=; bind 'set bell-style none'; source $top/docs/man/xenbench.bash-completion
        bind -x '\"\\C-x\": printf \"%s\\n\" \"\$READLINE_LINE\" >$seen; READLINE_LINE='; echo read\"\"y"
}

begin_zsh() {
    zpty -b shell "zsh -f -i"
    zpty -w shell "PS1=; unsetopt beep; fpath=($top/docs/man \$fpath); autoload -U compinit; compinit -u -D
        show() { print -r -- \"\$BUFFER\" >$seen; BUFFER=; }; zle -N show; bindkey '^X' show; echo read\"\"y"
}

# Repeat the command until it succeeds; give up after 10 s.
await() {
    local out= chunk
    for ((i = 0; i < 1000; i++)); do
        while zpty -rt shell chunk; do
            out+=$chunk
            print -rn -- "$chunk" >>${TYPED_OUT:-/dev/null}
        done
        "$@" && return 0
        sleep 0.01
    done
    print -ru2 -- "waited in vain: $out"
    exit 1
}

is_ready() [[ $out == *ready* ]]
is_seen() [[ -s $seen ]]

begin_$shell
await is_ready
for line; do
    : >$seen
    zpty -wn shell "$line"$'\t\x18'
    await is_seen
    cat $seen
done
zpty -d shell

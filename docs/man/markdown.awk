# SPDX-License-Identifier: GPL-3.0-or-later
# Write Markdown as sections of a manual page (man(7)); with -v only=HEADING, that section alone. This
# knows the Markdown that docs/ uses: headings, paragraphs, indented code, lists of two levels, code,
# emphasis, links. A table becomes a list of its rows: a box of three columns, as lowdown draws it,
# is hard to read at 80 columns. A line of `@tell WORDS@` is replaced by what the command in -v tell
# prints for the words: other text of docs/, or what xenbench says of itself.
BEGIN {
    skip = only != ""
    headed = 1
    WIDTH = 72
    page["experiment.md"] = "xenbench\\-experiment\\fR(5)"
    page["workloads.md"] = "xenbench\\-workload\\fR(5)"
    page["store.md"] = "xenbench\\-results\\fR(5)"
    page["protocol.md"] = "xenbench\\-protocol\\fR(7)"
    page["one-line.md"] = "xenbench\\-run\\fR(8)"
}

# The spelling of text that troff would change.
function spell(s) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    gsub(/'/, "\\(aq", s)
    gsub(/\^/, "\\(ha", s)
    gsub(/~/, "\\(ti", s)
    return s
}

# A link's text, and where it leads: a manual page, or another file of the documentation.
function link(s,    text, target, file, leads) {
    text = substr(s, 2, index(s, "](") - 2)
    target = substr(s, index(s, "](") + 2)
    sub(/\)$/, "", target)
    file = target
    sub(/#.*/, "", file)
    if (file in page)
        leads = "\\fB" page[file]
    else if (file ~ /^[a-z-]+\.md$/)
        leads = spell("docs/" file)
    else
        return style(text)
    return text == file || text ".md" == file ? leads : style(text) " (" leads ")"
}

# Text with its code in bold, emphasis in italics, and links.
function style(s,    out, end) {
    for (out = ""; s != "";) {
        if (s ~ /^`[^`]*`/) {
            end = index(substr(s, 2), "`") + 1
            out = out "\\fB" spell(substr(s, 2, end - 2)) "\\fR"
        } else if (match(s, /^\*\*[^*]+\*\*/)) {
            end = RLENGTH
            out = out "\\fB" style(substr(s, 3, end - 4)) "\\fR"
        } else if (match(s, /^\*[^* ][^*]*\*/)) {
            end = RLENGTH
            out = out "\\fI" style(substr(s, 2, end - 2)) "\\fR"
        } else if (match(s, /^\[[^]]*\]\([^)]*\)/)) {
            end = RLENGTH
            out = out link(substr(s, 1, end))
        } else {
            end = match(substr(s, 2), /[`*[]/)
            end = end ? end : length(s)
            out = out spell(substr(s, 1, end))
        }
        s = substr(s, end + 1)
    }
    return out
}

function put(s) {
    print (s ~ /^\./ ? "\\&" : "") s
}

# The paragraph or item that was collected.
function flush() {
    if (text != "")
        put(style(text))
    text = ""
}

# After a heading a paragraph begins by itself.
function begin_paragraph() {
    if (!headed)
        print ".PP"
    headed = 0
}

function nest(depth) {
    for (; nested < depth; nested++)
        print ".RS 2"
    for (; nested > depth; nested--)
        print ".RE"
}

function end_block() {
    flush()
    nest(0)
    if (code)
        print ".fi"
    code = table = list = 0
}

function put_item(s, depth) {
    flush()
    if (!list)
        end_block()
    nest(depth)
    list = 1
    blank = 0
    print ".IP \\(bu 2"
    headed = 0
    text = s
}

# A line of code. A comment that makes it too long goes before it.
function put_code(s,    at, indent, words, n, i, line) {
    at = match(s, /  +# /)
    if (length(s) > WIDTH && at) {
        match(s, /^ */)
        indent = substr(s, 1, RLENGTH) "#"
        n = split(substr(s, index(substr(s, at), "# ") + at + 1), words, " ")
        line = indent
        for (i = 1; i <= n; i++) {
            if (length(line " " words[i]) > WIDTH && line != indent) {
                put(spell(line))
                line = indent
            }
            line = line " " words[i]
        }
        put(spell(line))
        s = substr(s, 1, at - 1)
    }
    put(spell(s))
}

# A row's value, with its column's heading.
function labelled(heading, value) {
    if (heading == "default" && value == "required")
        return "Required."
    return toupper(substr(heading, 1, 1)) substr(heading, 2) ": " sentence(value)
}

function sentence(s) {
    return s == "" || s ~ /[.:;]$/ ? s : s "."
}

# What a row is about: its first column; of many columns, the first two.
function term(cells, n,    out) {
    out = cells[1]
    if (n > 3 || out == "") {
        out = out == "" ? labelled(head[2], cells[2]) : out ": " cells[2]
        sub(/\.$/, "", out)
        cells[2] = ""
    }
    return out
}

function put_row(cells, n,    i, out) {
    if (n < 3) {
        put(style(cells[2]))
        return
    }
    out = ""
    for (i = 2; i <= n; i++)
        if (head[i] == "meaning")
            out = sentence(cells[i])
    for (i = 2; i <= n; i++)
        if (head[i] != "meaning" && cells[i] != "")
            out = out (out == "" ? "" : " ") labelled(head[i], cells[i])
    put(style(out))
}

/^# / { next }

/^##+ / {
    end_block()
    level = index($0, " ") - 1
    sub(/^#+ /, "")
    if (only != "" && level == 2)
        skip = $0 != only
    if (!skip)
        print (level == 2 ? ".SH " : ".SS ") style(level == 2 ? toupper($0) : $0)
    headed = 1
    next
}

skip { next }

/^@.*@$/ {
    end_block()
    command = tell " " substr($0, 2, length($0) - 2) " || echo @failed@"
    while ((command | getline last) > 0) {
        if (last == "@failed@")
            exit failed = 1
        print last
    }
    close(command)
    headed = last ~ /^\.S[HS]/
    next
}

/^\|/ {
    n = split(substr($0, 2, length($0) - 2), cells, "|")
    for (i = 1; i <= n; i++)
        gsub(/^ +| +$/, "", cells[i])
    if (!table) {
        end_block()
        table = 1
        for (i = 1; i <= n; i++)
            head[i] = cells[i]
    } else if (cells[1] !~ /^-+$/) {
        print ".TP"
        put(style(term(cells, n)))
        put_row(cells, n)
        headed = 0
    }
    next
}

/^- / { put_item(substr($0, 3), 0); next }
/^  - / { put_item(substr($0, 5), 1); next }

/^    / && (code || (blank && !list)) {
    if (!code) {
        end_block()
        begin_paragraph()
        print ".nf"
        code = 1
    } else if (blank) {
        print ""
    }
    put_code(substr($0, 3))
    blank = 0
    next
}

/^$/ {
    flush()
    blank = 1
    next
}

{
    sub(/^ +/, "")
    if (table || code || (list && blank))
        end_block()
    if (text == "" && !list)
        begin_paragraph()
    text = text (text == "" ? "" : " ") $0
    blank = 0
}

END {
    if (failed)
        exit 1
    end_block()
}

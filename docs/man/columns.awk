# SPDX-License-Identifier: GPL-3.0-or-later
# Write the store's tables and their columns as Markdown, from the comments in dom0/store/store_schema_*.sql.

function add(table, column, type, comment) {
    if (column == "run")
        return
    gsub(/[,;]/, "", type)
    rows[table] = rows[table] "| `" column "` | " tolower(type) (comment == "" ? "" : ": " comment) " |\n"
}

# What a line says of its column: its comment, or the words that are allowed.
function comment_of(line,    words) {
    if (index(line, "-- "))
        return substr(line, index(line, "-- ") + 3)
    if (!match(line, / IN \([^)]*\)/))
        return ""
    words = substr(line, RSTART + 5, RLENGTH - 6)
    gsub(/'/, "", words)
    return words
}

/^$/ { about = "" }

/^-- / { about = about (about == "" ? "" : " ") substr($0, 4) }

/^CREATE TABLE / {
    table = $3
    names[++count] = table
    abouts[table] = about
}

table && /^  [a-z0-9_]+ +[A-Z]+/ { add(table, $1, $2, comment_of($0)) }

/^\)/ { table = "" }

/^ALTER TABLE .* ADD COLUMN/ {
    add($3, $6, $7, comment_of($0))
}

END {
    for (i = 1; i <= count; i++) {
        print "### " names[i] "\n"
        if (abouts[names[i]] != "")
            print abouts[names[i]] "\n"
        print "| column | meaning |\n| --- | --- |\n" rows[names[i]]
    }
}

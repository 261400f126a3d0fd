# Results of R's own functions for pairs.tsv, to compare ours with: Rscript tests/data/compare/figures.R >tests/data/compare/figures.tsv
# A row of pairs.tsv is a name, then the values of a, then those of b. Without ties and below 50 values, wilcox.test is exact. With
# ties its p is only approximate, so the exact p is counted here over all permutations of R's midranks.
rows <- strsplit(readLines("tests/data/compare/pairs.tsv"), "\t")
numbers <- function(text) as.numeric(strsplit(text, " ")[[1]])
permutations <- function(a, b) {
    ranks <- rank(c(a, b))
    sums <- combn(ranks, length(b), sum)
    middle <- length(b) * mean(ranks)
    mean(abs(sums - middle) >= abs(sum(ranks[-seq_along(a)]) - middle) - 1e-9)
}
number <- function(x) sprintf("%.15g", x)
p <- c()
cat("name", "u", "p", "shift", "low", "high", "coverage", "delta", "holm", sep = "\t")
lines <- c()
for (row in rows) {
    a <- numbers(row[2]); b <- numbers(row[3])
    small <- length(a) < 50 && length(b) < 50
    ties <- anyDuplicated(c(a, b)) > 0
    test <- suppressWarnings(wilcox.test(b, a, conf.int = small && !ties))
    differences <- sort(outer(b, a, "-"))
    if (small && !ties) {
        interval <- test$conf.int
        stopifnot(abs(test$estimate - median(differences)) < 1e-9)
    } else {
        # Here R searches for its interval's bounds as roots; this interval has the same quantiles (Hollander and Wolfe, 4.3).
        k <- if (small) max(qwilcox(0.025, length(a), length(b)), 1)
             else max(1, floor(length(a) * length(b) / 2 - qnorm(0.975) * sqrt(length(a) * length(b) * (length(a) + length(b) + 1) / 12)))
        interval <- c(differences[k], differences[length(differences) + 1 - k])
    }
    coverage <- if (small) 1 - 2 * pwilcox(max(qwilcox(0.025, length(a), length(b)), 1) - 1, length(a), length(b)) else NA
    exact <- if (small && ties) permutations(a, b) else test$p.value
    p <- c(p, exact)
    lines <- rbind(lines, c(row[1], number(c(test$statistic, exact, median(differences), interval, coverage,
                                             mean(sign(outer(b, a, "-")))))))
}
holm <- p.adjust(p, "holm")
for (i in seq_len(nrow(lines))) cat("\n", paste(c(lines[i, ], number(holm[i])), collapse = "\t"), sep = "")
cat("\n")

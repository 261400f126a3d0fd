#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""openmetrics.py FILE: read OpenMetrics text with Prometheus' own library, by the strict parser and by that of the older
text format, and print the samples as JSON."""
import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as strict

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
samples, older = (
    [{"name": s.name, "labels": s.labels, "value": s.value} for family in read(text) for s in family.samples]
    for read in (strict.text_string_to_metric_families, parser.text_string_to_metric_families)
)
assert samples == older, "the two parsers differ"
json.dump(samples, sys.stdout)

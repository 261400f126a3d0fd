# SPDX-License-Identifier: GPL-3.0-or-later
# Write a JSON Schema as Markdown: the document's members, then a section for each object in it.

. as $schema |

# An object has a section of its own; anything else is what its description says.
def ref: ltrimstr("#/$defs/") as $name | $schema."$defs"[$name]
  | if .properties then $name else .description end;

def kind:
  if .enum then .enum | map(tostring) | join(", ")
  elif ."$ref" then ."$ref" | ref
  elif .items."$ref"? then "list of " + (.items."$ref" | ref)
  elif .additionalProperties."$ref"? then "object of " + (.additionalProperties."$ref" | ref)
  elif .items.properties? then "list of objects"
  elif .const then .const
  else [.type // empty] | flatten | join(" or ") | sub("array"; "list")
  end;

def row: "| `\(.key)` | \(.value | [kind, .description // empty] | map(select(. != "")) | join(": ")) |";

def members: "| member | meaning |", "| --- | --- |", (.properties | to_entries[] | row), "";

# An object, and objects by name in it.
def section($name): "### \($name)", "", (.description // empty | ., ""), members,
  (.properties | to_entries[] | select(.value.additionalProperties.properties?) | .key as $in
    | .value.additionalProperties | section("\($in) of \($name)"));

members,
(."$defs" | to_entries[] | .key as $name | .value | select(.properties) | section($name)),
(.properties | to_entries[] | .key as $name | .value | .items? // . | select(.properties) | section($name))

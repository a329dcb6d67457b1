#!/bin/sh
# table.sh DIR KIND... - the answers of run.sh as a table in Markdown.
set -eu
cd "$1"
shift
awk -F '\t' -v kinds="$*" '
  BEGIN {
    n = split(kinds, kind, " ")
    head = "| |"; line = "|---|"
    for (i = 1; i <= n; i++) { head = head " " kind[i] " |"; line = line "---|" }
    print head; print line
  }
  { file = FILENAME; sub(/\.tsv$/, "", file); if (!($1 in seen)) { seen[$1] = 1; order[++rows] = $1 } said[$1, file] = $2 }
  END {
    for (r = 1; r <= rows; r++) {
      row = "| " order[r] " |"
      for (i = 1; i <= n; i++) row = row " " said[order[r], kind[i]] " |"
      print row
    }
  }' $(for k; do echo "$k.tsv"; done)
for kind; do
  [ -s "$kind.tools" ] || continue
  echo
  echo "$kind, as the tools of others have it:"
  echo
  sed 's/^/    /' "$kind.tools"
done

# trinity.awk - what trinity --stats says of each system call, as two answers: how
# many of those it made did something or failed for another reason than that it is
# forbidden, and which never did. EPERM is the answer of the filter and of missing
# capabilities, EACCES of AppArmor, ENOSYS of a filter or the kernel.
/^(32|64)bit:/ { call = ""; width = $1 + 0 }
/^[a-z0-9_]+: \(attempted:/ {
  call = $1; sub(/:$/, "", call)
  n = split($0, part, /[:.]/)
  made[width]++
  for (i = 1; i < n; i++) {
    if (part[i] ~ /success$/ && part[i + 1] > 0) through[width, call] = 1
  }
  if (!((width, call) in through)) { maybe[width, ++count[width]] = call }
  next
}
/^    / && call != "" && !/^    (Operation not permitted|Permission denied|Function not implemented|Success): / { through[width, call] = 1 }
END {
  for (width = 64; width >= 32; width -= 32) {
    list = ""
    refused = 0
    for (i = 1; i <= count[width]; i++) {
      if (!((width, maybe[width, i]) in through)) { refused++; list = list " " maybe[width, i] }
    }
    if (made[width]) printf "trinity: calls of %d bits not refused\t%d of %d\n", width, made[width] - refused, made[width]
    if (made[width] && lists) print width list >lists
  }
}

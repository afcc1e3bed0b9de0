# bash completion of mitoloom; the program itself says how a word may go on.
_mitoloom() {
  local IFS=$'\n' word files=
  # "a=b" is three words for bash, one for the program
  local line=${COMP_LINE:0:COMP_POINT}
  local words
  IFS=$' \t\n' read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=${words[-1]}
  COMPREPLY=()
  local found
  while read -r found; do
    if [[ $found == @files ]]; then files=1; else COMPREPLY+=("$found"); fi
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
  local kept=
  [[ $word == *=* ]] && kept=${word%%=*}=
  if [[ $files ]]; then
    local name
    while read -r name; do COMPREPLY+=("$kept$name"); done < <(compgen -f -- "${word#"$kept"}")
    compopt -o filenames 2>/dev/null
  fi
  if [[ $kept && $COMP_WORDBREAKS == *=* ]]; then COMPREPLY=("${COMPREPLY[@]#"$kept"}"); fi
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _mitoloom mitoloom

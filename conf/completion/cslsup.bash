# bash completion for cslsup and supervisorctl: source it, or put it into /usr/share/bash-completion/completions/.

# Processes as ctl names them, and their groups as g:*.
_cslsup_processes()
{
    "$@" status 2>/dev/null | awk '{ print $1 } split($1, part, ":") == 2 && !seen[part[1]]++ { print part[1] ":*" }'
}

_cslsup_groups()
{
    "$@" status 2>/dev/null | awk '{ sub(/:.*/, "", $1) } !seen[$1]++ { print $1 }'
}

# Offers those of the words that continue the one being typed. Bash takes a colon for the end of a word, so what
# stands before it must not be offered again.
_cslsup_offer()
{
    local typed=$1 before=
    case $COMP_WORDBREAKS in
    *:*) [[ $typed == *:* ]] && before=${typed%"${typed##*:}"} ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$2" -- "$typed")
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

# The word at the cursor with the parts that bash split off at colons.
_cslsup_typed()
{
    local line=${COMP_LINE:0:COMP_POINT}
    printf '%s' "${line##* }"
}

# Completes the action's words; $1 is the action, the rest the command that asks the server.
_cslsup_words()
{
    local action=$1 typed
    shift
    typed=$(_cslsup_typed)
    case $action in
    start | restart | status | pid | clear | stop | signal | tail | fg | logs | why | run | health)
        _cslsup_offer "$typed" "$(_cslsup_processes "$@") all"
        ;;
    add | remove | update)
        _cslsup_offer "$typed" "$(_cslsup_groups "$@") all"
        ;;
    help)
        _cslsup_offer "$typed" "$_cslsup_actions"
        ;;
    esac
}

_cslsup_theirs='add avail clear exit fg help maintail open pid quit reload remove reread restart shutdown signal start
status stop tail update version'
_cslsup_actions='add avail clear exit fg health help logs maintail pid quit reload remove reread restart run shutdown
signal start status stop tail update version why'

# Fills `action` with the first word from $1 on that is no option, and `ask` with the command that asks the server.
_cslsup_scan()
{
    local i=$1
    for ((; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -c | -s | -u | -p | -r) [[ ${COMP_WORDS[i]} == -[cs] ]] && ask+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
            ((i++)) ;;
        -*) ;;
        *) action=${COMP_WORDS[i]}; return ;;
        esac
    done
}

_cslsup_file_option()
{
    [[ ${COMP_WORDS[COMP_CWORD - 1]} == -[cr] ]] || return 1
    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}

_cslsup()
{
    local action= ask=(cslsup ctl)
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _cslsup_offer "${COMP_WORDS[1]}" "init ctl health probe check exec help version --help --version"
    elif [[ ${COMP_WORDS[1]} == ctl ]]; then
        _cslsup_file_option && return
        _cslsup_scan 2
        if [[ $action ]]; then
            _cslsup_words "$action" "${ask[@]}"
        else
            _cslsup_offer "${COMP_WORDS[COMP_CWORD]}" "$_cslsup_actions -c -i -r --json --help"
        fi
    elif [[ ${COMP_WORDS[1]} == health ]]; then
        _cslsup_offer "$(_cslsup_typed)" "$(_cslsup_processes cslsup ctl) --live --json --help"
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == -c ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    fi
}

_cslsup_supervisorctl()
{
    local action= ask=(supervisorctl)
    COMPREPLY=()
    _cslsup_file_option && return
    _cslsup_scan 1
    if [[ $action ]]; then
        _cslsup_words "$action" "${ask[@]}"
    else
        _cslsup_offer "${COMP_WORDS[COMP_CWORD]}" "$_cslsup_theirs -c -s -u -p -r -i -h"
    fi
}

complete -F _cslsup cslsup
complete -F _cslsup_supervisorctl supervisorctl

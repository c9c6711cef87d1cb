# fish completion for cslsup and supervisorctl: put it into ~/.config/fish/completions/ or vendor_completions.d.

# Processes as ctl names them, with their state, and their groups as g:*.
function __cslsup_processes
    set -l names ($argv status 2>/dev/null | string match -rg '^(\S+\s+\S+)' | string replace -r '\s+' \t)
    printf '%s\n' $names
    printf '%s\n' $names | string match -rg '^([^:\s]+):' | sort -u | string replace -r '$' ':*'
    echo all
end

function __cslsup_groups
    $argv status 2>/dev/null | string match -rg '^([^:\s]+)' | sort -u
    echo all
end

# Whether the action (the first word behind the command and its options) is one of those given; without: none yet.
function __cslsup_action
    set -l words (commandline -opc)
    set -e words[1]
    if test "$words[1]" = ctl
        set -e words[1]
    end
    while set -q words[1]
        switch $words[1]
            case -c -s -u -p -r
                set -e words[1]
                set -q words[1]; and set -e words[1]
            case '-*'
                set -e words[1]
            case '*'
                break
        end
    end
    if not set -q argv[1]
        not set -q words[1]
    else
        contains -- "$words[1]" $argv
    end
end

function __cslsup_ctl
    set -l words (commandline -opc)
    test "$words[2]" = ctl
end

function __cslsup_first
    test (count (commandline -opc)) -eq 1
end

set -l named start restart status pid clear stop signal tail fg
set -l grouped add remove update
set -l actions \
    'add activate groups that reread found' 'avail show all configured processes' 'clear empty log files' \
    'exit leave the shell' 'fg type to a process and see what it writes' 'help show all actions, or one' \
    'maintail the end of the main log' 'pid pids' 'quit leave the shell' \
    'reload stop all, read the configuration, start again' 'remove drop stopped groups' \
    'reread read the configuration and say what differs' 'restart stop, then start' 'shutdown stop all and end' \
    'signal send a signal' 'start start, and wait until it stays up' 'status what runs and how it does' \
    'stop stop, and wait until it is stopped' 'tail the end of a log' \
    'update read the configuration and apply what differs' 'version the version that runs'
set -l ours 'health whether all is well, or who is not' 'logs last lines of all logs, each with its name' \
    'run run a oneshot or job now and return its exit code' 'why how a process ended'

complete -c cslsup -f
complete -c supervisorctl -f
for pair in 'init supervise programs in the foreground' 'ctl talk to the running supervisor' \
        'health are all essential programs well' 'probe run health checks' \
        'check read the configuration, warn, print what would run' 'exec run one command as PID 1' 'help help' \
        'version the version'
    set -l word (string split -m1 ' ' $pair)
    complete -c cslsup -n __cslsup_first -a $word[1] -d $word[2]
end
for pair in $actions $ours
    set -l word (string split -m1 ' ' $pair)
    complete -c cslsup -n '__cslsup_ctl; and __cslsup_action' -a $word[1] -d $word[2]
end
for pair in $actions 'open another server'
    set -l word (string split -m1 ' ' $pair)
    complete -c supervisorctl -n __cslsup_action -a $word[1] -d $word[2]
end
complete -c cslsup -n "__cslsup_ctl; and __cslsup_action $named logs why run health" -a '(__cslsup_processes cslsup ctl)'
complete -c cslsup -n "__cslsup_ctl; and __cslsup_action $grouped" -a '(__cslsup_groups cslsup ctl)'
complete -c supervisorctl -n "__cslsup_action $named" -a '(__cslsup_processes supervisorctl)'
complete -c supervisorctl -n "__cslsup_action $grouped" -a '(__cslsup_groups supervisorctl)'
complete -c cslsup -n __cslsup_ctl -s c -r -F -d 'the instance started from this file'
complete -c cslsup -n __cslsup_ctl -s r -r -F -d 'history file'
complete -c cslsup -n __cslsup_ctl -s i -d interactive
complete -c cslsup -n __cslsup_ctl -l json -d 'one JSON object'
complete -c cslsup -n '__fish_seen_subcommand_from health' -l live -d liveness
complete -c supervisorctl -s c -r -F -d configuration
complete -c supervisorctl -s s -r -d 'server URL'
complete -c supervisorctl -s u -r -d user
complete -c supervisorctl -s p -r -d password
complete -c supervisorctl -s r -r -F -d 'history file'
complete -c supervisorctl -s i -d interactive
complete -c supervisorctl -s h -d help

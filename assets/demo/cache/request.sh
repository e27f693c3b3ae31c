# One connection to the cache: commands in Redis's inline form, a line each.
# A key's number is the length of its file, so that counting is one append, which no other connection can spoil.
while IFS=' ' read -r command key; do
    key=${key%?}
    case $command in
        PING*) printf '+PONG\r\n' ;;
        INCR)
            case $key in *[!a-z]* | '') printf -- '-ERR bad key\r\n'; continue ;; esac
            printf . >> "/data/$key"
            printf ':%s\r\n' "$(stat -c %s "/data/$key")"
            ;;
        *) printf -- "-ERR unknown command '%s'\r\n" "$command" ;;
    esac
done

# Common to the shop's services, to be sourced. Nothing here but `pause` and `serve` starts a process:
# the shop is there to be looked at, and should cost next to nothing.

escape=$(printf '\033')
cr=$(printf '\r')

# Sets the parts of the present time (UTC): year month day month_name hour minute second milli, and micros since 1970.
now() {
    local clock days era of_era year_of_era of_year shifted
    clock=${EPOCHREALTIME:-$(date +%s).000000}
    micros=${clock%.*}${clock#*.}
    milli=$((micros / 1000 % 1000))
    second=$((micros / 1000000 % 60))
    minute=$((micros / 60000000 % 60))
    hour=$((micros / 3600000000 % 24))
    # The civil calendar, counted from 1 March of the year 0, so that leap days come last.
    days=$((micros / 86400000000 + 719468))
    era=$((days / 146097))
    of_era=$((days % 146097))
    year_of_era=$(((of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365))
    of_year=$((of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100)))
    shifted=$(((5 * of_year + 2) / 153))
    day=$((of_year - (153 * shifted + 2) / 5 + 1))
    month=$((shifted < 10 ? shifted + 3 : shifted - 9))
    year=$((year_of_era + era * 400 + (month <= 2)))
    set -- Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
    shift $((month - 1))
    month_name=$1
}

# between LOW HIGH: sets n to a random number from LOW to HIGH, both included.
between() {
    n=$(($1 + RANDOM % ($2 - $1 + 1)))
}

# one_of WORD...: sets word to one of them.
one_of() {
    shift $((RANDOM % $#))
    word=$1
}

# pause SECONDS: sleeps, but a signal ends it at once.
pause() {
    sleep "$1" &
    wait $!
}

# since MICROS: sets ms to the whole milliseconds since then.
since() {
    now
    ms=$(((micros - $1) / 1000))
}

# serve PORT SCRIPT: answers each connection by a run of SCRIPT, whose input and output are the connection. The container's
# own output is the script's descriptor 3.
serve() {
    nc -ll -p "$1" -e sh "$2" 3>&1 &
    server=$!
}

# request: reads an HTTP request from the input into method, path, client and agent.
request() {
    local line
    client=- agent=-
    read -r method path line || return 1
    while IFS= read -r line; do
        line=${line%"$cr"}
        case $line in
            '') return 0 ;;
            [Xx]-[Ff]orwarded-[Ff]or:*) client=${line#*: } ;;
            [Uu]ser-[Aa]gent:*) agent=${line#*: } ;;
        esac
    done
    return 1
}

# respond STATUS TYPE BODY: writes an HTTP response.
respond() {
    printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
        "$1" "$2" "${#3}" "$3"
}

# fetch HOST:PORT PATH: sets reply to the HTTP answer and status to its number, both empty if there was none.
fetch() {
    reply=$(printf 'GET %s HTTP/1.0\r\nX-Forwarded-For: %s\r\nUser-Agent: %s\r\n\r\n' "$2" "${client:--}" "${agent:--}" |
        nc -w 2 "${1%:*}" "${1#*:}" 2>/dev/null)
    status=${reply#* }
    status=${status%% *}
}

# body: sets body to what follows the headers of reply.
body() {
    body=${reply#*"$cr
$cr
"}
}

# One letter.
. /lib/shop.sh
printf '220 mail ESMTP\r\n'
while IFS= read -r line; do
    now
    printf '%d/%02d/%02d %02d:%02d:%02d [smtp] %s\n' $year $month $day $hour $minute $second "$line" >&3
    case $line in DATA*) echo "$line" >> /tmp/letters ;; esac
done
printf '250 OK\r\n'

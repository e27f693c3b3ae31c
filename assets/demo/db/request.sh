# One query: a line of SQL in, a line of answer out.
. /lib/shop.sh

read -r sql
now
began=$micros
# Now and then something scans a table that it should not.
[ $((RANDOM % 30)) -gt 0 ] || sleep 0.4
case $sql in
    *'id = 1') echo 'kettle 39.00' ;;
    *'id = 2') echo 'teapot 24.50' ;;
    *'FROM products'*) echo 'cup 7.90' ;;
    *'FROM orders') echo $((8800 + RANDOM % 100)) ;;
    *) echo ok ;;
esac
since "$began"
printf '%d-%02d-%02d %02d:%02d:%02d.%03d UTC [%d] LOG:  duration: %d.%03d ms  statement: %s\n' \
    $year $month $day $hour $minute $second $milli $$ $ms $((RANDOM % 1000)) "$sql" >&3

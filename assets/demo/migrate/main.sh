# The migration: runs once, says what it did, and ends with 0.
. /lib/shop.sh

trap 'exit 143' TERM INT
green="$escape[32m" plain="$escape[0m"
echo "Connecting to postgres://shop@$DATABASE/shop"
step=0
for name in create_products create_orders add_price_index fill_products; do
    step=$((step + 1))
    pause 0.6
    answer=$(echo "MIGRATE $name" | nc -w 2 "${DATABASE%:*}" "${DATABASE#*:}")
    [ "$answer" = ok ] || { echo "$escape[31mERROR$plain 000$step $name: no answer from $DATABASE" >&2; exit 1; }
    printf '  %s✔%s 000%d %s\n' "$green" "$plain" $step $name
done
echo "Successfully applied $step migrations, the schema is at version 000$step"

# The probe: asks the server itself.
. /lib/shop.sh
fetch localhost:8080 /health
[ "$status" = 200 ] || { echo "GET /health: no answer"; exit 1; }
echo ok

# The probe, in the words of pg_isready.
if [ -e /tmp/ready ]; then
    echo 'localhost:5432 - accepting connections'
else
    echo 'localhost:5432 - rejecting connections'
    exit 1
fi

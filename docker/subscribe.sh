#!/bin/sh
# Creates the tutorial's tables on both servers, publishes them on the primary, subscribes the standby and waits until it
# has copied the rows. What is there already is left alone, so that it can be repeated.
set -eu

: "${PRIMARY_HOST:?}" "${STANDBY_HOST:?}" "${POSTGRES_PASSWORD:?}"
primary_port=${PRIMARY_PORT:-5432}
standby_port=${STANDBY_PORT:-5432}
shop=${SHOP_FOLDER:-$(dirname "$0")}
export PGUSER=postgres PGDATABASE=postgres PGPASSWORD="$POSTGRES_PASSWORD"

primary() { psql --host "$PRIMARY_HOST" --port "$primary_port" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
standby() { psql --host "$STANDBY_HOST" --port "$standby_port" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }

if [ -z "$(primary -Atc "SELECT to_regclass('public.customers')")" ]; then
  primary --single-transaction --file "$shop/shop.sql" --file "$shop/shop-data.sql"
fi
if [ -z "$(standby -Atc "SELECT to_regclass('public.customers')")" ]; then
  standby --single-transaction --file "$shop/shop.sql"
fi
if [ -z "$(primary -Atc "SELECT pubname FROM pg_publication WHERE pubname = 'failover'")" ]; then
  primary -c 'CREATE PUBLICATION failover FOR ALL TABLES'
fi
if [ -z "$(standby -Atc "SELECT subname FROM pg_subscription WHERE subname = 'failover'")" ]; then
  # In a connection string a quote and a backslash take a backslash.
  password=$(printf '%s' "$POSTGRES_PASSWORD" | sed "s/[\\\\']/\\\\&/g")
  standby --set conninfo="host=$PRIMARY_HOST port=$primary_port user=postgres dbname=postgres password='$password'" <<'SQL'
CREATE SUBSCRIPTION failover CONNECTION :'conninfo' PUBLICATION failover;
SQL
fi

tries=60
until [ "$(standby -Atc "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'")" = 0 ]; do
  tries=$((tries - 1))
  if [ "$tries" = 0 ]; then
    echo "The standby has not copied the primary's rows within a minute; its log says why." >&2
    exit 1
  fi
  sleep 1
done
echo 'The standby is subscribed to the primary.'

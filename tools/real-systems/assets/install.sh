#!/bin/bash
# Installs Redmine, Tryton and PostgreSQL from Debian packages, without starting any daemon. Needs root. Idempotent.
set -euo pipefail

packages=(postgresql redmine redmine-sqlite puma ruby-pg
  tryton-server tryton-modules-account tryton-modules-analytic-account tryton-modules-project tryton-modules-timesheet
  tryton-modules-timesheet-cost tryton-modules-company-work-time python3-psycopg2 python3-tz)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "these Debian packages are missing and installing them needs root: ${missing[*]}" >&2
    exit 77
  fi
  # Maintainer scripts must not start daemons: a second PostgreSQL or web server would listen on ports that are not ours.
  made_policy=
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    made_policy=1
  fi
  trap '[ -z "$made_policy" ] || rm -f /usr/sbin/policy-rc.d' EXIT

  # BUNDLER_VERSION: Redmine's post-install fails with the bundler of Debian's ruby3.1 security update.
  # RUNLEVEL: the same for scripts that ask for it instead of policy-rc.d.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 BUNDLER_VERSION=2.3.15
  # The packaged default instance lives on SQLite and is never served; ours runs on a private PostgreSQL. Where Redmine was removed before,
  # debconf keeps templates without questions and refuses this; the package's own defaults then say the same.
  debconf-set-selections <<'SELECTIONS' || true
redmine redmine/instances/default/dbconfig-install boolean true
redmine redmine/instances/default/database-type select sqlite3
redmine redmine/instances/default/db/dbname string redmine_default
dbconfig-common dbconfig-common/dbconfig-install boolean true
SELECTIONS
  retry=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  apt-get "${retry[@]}" install -y --no-install-recommends "${packages[@]}" ||
    { apt-get "${retry[@]}" update && apt-get "${retry[@]}" install -y --no-install-recommends "${packages[@]}"; }
fi

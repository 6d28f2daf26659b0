#!/bin/sh
# Runs an operator's command of the release that this file is part of, with the service's settings, on the Node that came with the release.
folder=$(dirname "$(readlink -f "$0")")
if [ -z "${ENV_FILE:-}" ] && [ -e /etc/smswithoutborders.env ]; then
  export ENV_FILE=/etc/smswithoutborders.env
fi
exec "$folder/node_modules/node/bin/node" "$folder/dist/node/swob.js" "$@"

#!/bin/sh
exec /usr/lib/bezel/node /usr/lib/bezel/bezel.cjs "$@"

#!/bin/sh
# Starts workerd in a process group of its own (same process, same id), where `setsid` is to be had.
workerd=$GASTOWN_WORKERD
unset GASTOWN_WORKERD
if command -v setsid >/dev/null 2>&1; then exec setsid "$workerd" "$@"; fi
exec "$workerd" "$@"

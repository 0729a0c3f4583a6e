# Removes the temporary folder of a test run, $1, when the run has ended: stdin is a pipe from its main process.
# Processes of the run may still be stopping their servers. Each has a reaper.sh in the folder for as long (src/local/reaper.ts).
trap '' HUP INT TERM
read -r _
tries=0
while [ -n "$(find "$1" -maxdepth 3 -name reaper.sh)" ] && [ "$tries" -lt 600 ]; do tries=$((tries + 1)); sleep 1; done
rm -rf "$1"

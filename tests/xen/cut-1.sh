# The power fails while a swap has a domU shut down, and another generation in
# place.
. tests/xen/cut-lib.sh
mkdir "$T" "$T/xen" "$T/state"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\nwatch = 3\n' >"$DRYDOCK_CONF"
linux d1
pkg "$T/new.img" new-packages
sum "$P" >"$T/old.sum"
sum "$T/new.img" >"$T/new.sum"
sync
create d1
ready d1
cut_at "start the domU" swap d1 "$T/new.img"

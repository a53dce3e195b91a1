# What drydock shows is what xl shows.
. tests/xen/lib.sh

# Where list --json and xl differ; nothing, when they agree.
differences() {
	list_json
	xl list >"$T/xl"
	xl list -l >"$T/xl.json"
	python3 - "$T" <<-'E'
	import json, sys
	t = sys.argv[1]
	shown = {x['name']: x for x in json.load(open(t + '/json'))['domus']}
	lines = [l.split() for l in open(t + '/xl').read().splitlines()[2:]]
	runs = {l[0]: (int(l[2]) << 20, int(l[3])) for l in lines}
	disks = {x['config']['c_info']['name']: [
	    (d['vdev'], d['pdev_path'], 'w' if d.get('readwrite') else 'r')
	    for d in x['config'].get('disks', [])]
	    for x in json.load(open(t + '/xl.json')) if x['domid'] > 0}
	for n, x in shown.items():
	    if (x['state'] == 'off') != (n not in runs):
	        print(n, 'is shown', x['state'])
	for n, wanted in runs.items():
	    if n not in shown:
	        print(n, 'is not shown')
	        continue
	    x = shown[n]
	    if (x['memory'], x['vcpus']) != wanted:
	        print(n, x['memory'], x['vcpus'], 'wanted', *wanted)
	    if not 0 <= (-1 if x['uptime'] is None else x['uptime']) < 3600:
	        print(n, 'is up', x['uptime'])
	    have = [(d['vdev'], d['path'], d['mode']) for d in x['disks']]
	    if have != disks[n]:
	        print(n, have, 'wanted', disks[n])
	E
}
states() { json "' '.join(x['name'] + ':' + x['state'] for x in d['domus'])"; }

idle d1 xen 'maxvcpus = 2'
idle d2
idle d3
idle crash xen 'extra = "crash"' 'on_crash = "preserve"'
idle off other 'extra = "off"' 'on_poweroff = "preserve"'
idle stray other 'maxvcpus = 2'
works "list before any runs" "$DRYDOCK" list --json
cp "$T/out" "$T/json"
# what xl info says of the machine, but for what is free, which changes
is "the host is xl info's" \
    "$(json "'%s %d %d' % (d['host']['version'], d['host']['cpus'], d['host']['memory'] >> 20)")" \
    "$(xl info xen_version) $(xl info nr_cpus) $(xl info total_memory)"
is "all are off" "$(states)" "crash:off d1:off d2:off d3:off"
is "and that is known" "$(json "d['xen']")" None
is "and they are not up" "$(json "{x['uptime'] for x in d['domus']}")" "{None}"

create d1 d2 crash off stray
xl pause d2
crashed() { xl list crash | grep -q -e '---.c-'; }
shut() { xl list off | grep -q -e '---s--'; }
wait_for "one crashes" crashed
wait_for "one shuts down" shut
is "list agrees with xl" "$(differences)" ""
is "without a word" "$(cat "$T/err")" ""
is "crashed, running, paused, off, shut down" "$(states)" \
    "crash:crashed d1:running d2:paused d3:off off:dying stray:running"
is "which have a configuration" "$(json "[n for n in u if u[n]['cfg']]")" \
    "['crash', 'd1', 'd2', 'd3']"
is "the others' disks have their roles" \
    "$(json "[d['role'] for d in u['stray']['disks']]")" \
    "['root', 'swap', 'local', 'pkg']"
is "and the root's users are all of them" \
    "$(json "u['stray']['disks'][0]['image']['users']")" 6
works "show of one without a configuration" "$DRYDOCK" show stray
echo text >"$T/file"
for domu in d2 crash off stray; do
	fails "nothing writes to an image of $domu" 1 "attached to $domu as xvdc" \
	    "$DRYDOCK" cp "$T/file" "$T/$domu/local.img:/x"
done

# what it runs with, not what it will have next time
sed -i 's/^memory.*/memory = 64/; s/^vcpus.*/vcpus = 2/' "$T/xen/d1.cfg"
xl unpause d2
xl pause stray
is "agrees when a configuration was changed" "$(differences)" ""
xl destroy d1
xl destroy off
wait_for "the disks of d1 go" has_no_loops d1
wait_for "the disks of the other go" has_no_loops off
is "agrees when two are destroyed" "$(differences)" ""
is "which are off, or no more" "$(states)" \
    "crash:crashed d1:off d2:running d3:off stray:paused"
is "with what is configured" "$(json "(u['d1']['memory'] >> 20, u['d1']['vcpus'])")" \
    "(64, 2)"
works "and writing works again" \
    "$DRYDOCK" cp "$T/file" "$T/d1/local.img:/x"

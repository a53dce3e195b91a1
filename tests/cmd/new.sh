# new: a whole domU, or nothing.
. tests/cmd/lib.sh
P=$T/params
cp "$PWD/tests/vectors/cgd/cgd-aes-xts-256-encblkno1.params" "$P"
chmod 600 "$P"
run() { "$DRYDOCK" --config "$T/drydock.conf" "$@"; }
get() { python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$T/out" "$1"; }
# All that is there, to see that a refusal leaves nothing.
state() { (cd "$T" && find xen fleet second -type d | sort && find xen fleet second -type f -exec ls -li {} + | sort); }
# findings NAME: what list finds, and how many disks of which role
findings() { run list --json 2>/dev/null | python3 -c 'import json,sys
for d in json.load(sys.stdin)["domus"]:
    if d["name"] == sys.argv[1]:
        print(d["error"], [f["text"] for f in d["findings"]], *(x["role"] + x["mode"] for x in d["disks"]))' "$1"; }
good="None [] rootr swapw localw pkgw"

mkdir -p "$T/xen" "$T/second" "$T/fleet" "$T/pkg/bin"
echo tool >"$T/pkg/bin/tool"
printf '\177ELF kernel' >"$T/kernel"
cp "$T/kernel" "$T/fleet/netbsd-XENU"
demo=$PWD/tests/demo
for era in today 2006; do
	sed "s,@E,$demo/$era,; s,@C,$demo/common,; s,@,$demo," "$demo/root.spec" >"$T/mtree"
	"$DRYDOCK" create root "$T/fleet/$era.img" --from "$T/mtree" >/dev/null
done
R=$T/fleet/today.img
cp "$R" "$T/fleet/raw.img"
mkdir -p "$T/more/var"
head -c 2000000 /dev/zero | tr '\0' x >"$T/more/var/large"
"$DRYDOCK" create root "$T/fleet/big.img" --from "$T/mtree" --from "$T/more" >/dev/null
for era in today 2006; do
	"$DRYDOCK" prepare root -k "$T/kernel" "$T/fleet/$era.img" >/dev/null
done
printf 'config_dirs = [ "xen", "second" ]\n' >"$T/drydock.conf"

# ---- a dry run
state >"$T/before"
works "a dry run" run new web1 --root "$R" -n
is "shows the configuration" "$(grep -c '^name = "web1"$' "$T/out")" 1
works "as JSON" run new web1 --root "$R" -n --json
is "names what it would make" "$(get '" ".join(i["role"] for i in d["images"]), d["dry_run"]')" "('swap local pkg', True)"
state | cmp -s - "$T/before" && pass "and makes nothing" || fail "and makes nothing"

# ---- made
works "a domU" run new web1 --root "$R" --memory 512m --vcpus 2 --bridge br0
is "in a folder beside the root" "$(ls -A "$T/fleet/web1" | tr '\n' ' ')" "local.img pkg.img swap.img "
is "without a finding" "$(findings web1)" "$good"
is "memory, processors" "$(run show --json web1 2>/dev/null >"$T/out"; get 'd["memory"], d["vcpus"], d["cfg"].split("/")[-1]')" "(536870912, 2, 'web1.cfg')"
is "the kernel beside the root" "$(get 'd["kernel"]')" "$T/fleet/netbsd-XENU"
is "an address on the bridge" "$(grep -c '^vif = \[ "mac=00:16:3e:[0-7][0-9a-f]:..:.., bridge=br0" \]$' "$T/xen/web1.cfg")" 1
is "sizes" "$(cd "$T/fleet/web1" && wc -c <swap.img | tr -d ' ') $(wc -c <"$T/fleet/web1/local.img" | tr -d ' ') $(wc -c <"$T/fleet/web1/pkg.img" | tr -d ' ')" "268435456 268435456 2147483648"
for i in local pkg; do works "$i is without fault" "$DRYDOCK" check "$T/fleet/web1/$i.img"; done
is "local is prepared, of its name" "$("$DRYDOCK" cat "$T/fleet/web1/local.img:/etc/rc.conf" | grep '^hostname')" hostname=web1
is "with a seed of its own" "$("$DRYDOCK" tree --manifest "$T/fleet/web1/local.img:/var/db/entropy-file" | awk '{ print $2, $6 }')" "0600 536"
is "swap can be swapped to" "$("$DRYDOCK" disk "$T/fleet/web1/swap.img" | awk '$1 == "b" { print $2 }')" swap
works "adopt has nothing to say" run adopt web1 --json
is "of it" "$(get 'd["changed"]')" False
works "the next one" run new web-2.a_b --root "$R" --local-size 8m --swap-size 4m --pkg-size 16m --mac 02:00:00:aa:BB:01 --json
is "another address" "$(get 'd["mac"]')" "02:00:00:aa:BB:01"
is "its sizes" "$(get '[i["size"] >> 20 for i in d["images"]]')" "[4, 8, 16]"
is "without a finding, too" "$(findings web-2.a_b)" "$good"
works "another era" run new old --root "$T/fleet/2006.img" --hostname oldie --ip 192.0.2.7/24 --gateway 192.0.2.1
is "its name and network" "$("$DRYDOCK" cat "$T/fleet/old/local.img:/etc/rc.conf" | sed -n '/^hostname/p; /^ifconfig/p; /^defaultroute/p')" 'hostname=oldie
ifconfig_xennet0="inet 192.0.2.7 netmask 255.255.255.0"
defaultroute=192.0.2.1'
is "without a finding, too" "$(findings old)" "$good"
works "the same kernel as its siblings'" sh -c "mv '$T/fleet/netbsd-XENU' '$T/fleet/k' && sed 's|netbsd-XENU|k|' '$T/xen/web1.cfg' >'$T/x' && cat '$T/x' >'$T/xen/web1.cfg' && '$DRYDOCK' --config '$T/drydock.conf' new web3 --root '$R' --json"
is "is taken" "$(python3 -c 'import json,sys; t=open(sys.argv[1]).read(); print("fleet/k\"" in t)' "$T/xen/web3.cfg")" True

# ---- places, packages
mkdir "$T/there"
echo mine >"$T/there/file"
(cd "$T" && works "relative paths" "$DRYDOCK" --config drydock.conf new rel --root fleet/today.img --dir there -k kernel --pkg-from pkg --pkg-size 8m)
is "are written whole" "$(grep -c "\"vdev=xvdd, format=raw, access=rw, target=$T/there/pkg.img\"\|^kernel = \"$T/kernel\"" "$T/xen/rel.cfg")" 2
is "into a folder that is there" "$(ls -A "$T/there" | tr '\n' ' ')" "file local.img pkg.img swap.img "
is "packages" "$("$DRYDOCK" cat "$T/there/pkg.img:/bin/tool")" tool
is "without a finding, too" "$(findings rel)" "$good"
D="$T/a \"b\\c, d"
works "odd paths" run new odd --root "$R" --dir "$D" -k "$T/kernel"
is "are read back" "$(findings odd)" "$good"
is "are there" "$(ls -A "$D" | tr '\n' ' ')" "local.img pkg.img swap.img "

# ---- encrypted
works "encrypted" run new crypt --root "$R" -c "$P" --local-size 8m
is "without a finding, too" "$(findings crypt)" "$good"
is "prepared" "$("$DRYDOCK" cat -c "$P" "$T/fleet/crypt/local.img:/etc/rc.conf" | grep '^hostname')" hostname=crypt
is "with nothing of it in the clear" "$(grep -c hostname=crypt "$T/fleet/crypt/local.img")" 0
works "with its key" "$DRYDOCK" check -c "$P" "$T/fleet/crypt/local.img"
works "its parameters are known" run show crypt --json 2>/dev/null
is "to show" "$(run show crypt --json 2>/dev/null >"$T/out"; get 'd["disks"][2]["params"] == "'"$P"'"')" True
is "and gives local the script that decrypts it" "$(get '[x["script"] for x in d["disks"]]')" "[None, None, 'block-drydock', None]"

# ---- an unprepared root
run new raw --root "$T/fleet/raw.img" -k "$T/kernel" >/dev/null 2>"$T/err"
is "an unprepared root is said" "$? $(grep -c 'drydock prepare root' "$T/err")" "0 1"

# ---- refusals: nothing is left of any
refuse() {
	fails "$@"
	state >"$T/after"
	cmp -s "$T/after" "$T/before" && pass "$1: nothing is left" || fail "$1: nothing is left" "$(diff "$T/before" "$T/after")"
}
cp "$T/xen/web1.cfg" "$T/second/other.cfg"
sed -i 's/^name.*/name = "hidden"/' "$T/second/other.cfg"
state >"$T/before"
refuse "a domU that exists" 1 "of that name" run new web1 --root "$R"
refuse "a name in another folder" 1 "of that name" run new hidden --root "$R"
rm "$T/second/other.cfg"
state >"$T/before"
for n in '' -x .x a/b 'a b' 'a"b' "$(printf 'a\nb')" 'a;b' 17 xlexample.1 "$(printf '%065d' 0)x"; do
	refuse "name '$(printf %s "$n" | tr '\n' ' ' | cut -c 1-12)'" 2 "not a name" run new --root "$R" -- "$n"
done
fails "a name with an escape is escaped" 2 'a\\033\[1m' run new --root "$R" -- "$(printf 'a\033[1m')"
echo x >"$T/xen/taken.cfg"
mkdir "$T/fleet/full"
echo precious >"$T/fleet/full/pkg.img"
state >"$T/before"
refuse "a configuration that exists" 1 "taken" run new taken --root "$R"
refuse "an image that exists" 1 "pkg.img: there is something already" run new full --root "$R"
is "which stays" "$(cat "$T/fleet/full/pkg.img")" precious
refuse "no root" 2 "which root" run new n
refuse "a root that is missing" 1 "none.img" run new n --root "$T/none.img"
"$DRYDOCK" create pkg "$T/pkg.img" >/dev/null
refuse "a root that is a pkg" 1 "no root image" run new n --root "$T/pkg.img"
refuse "a root that somebody writes to" 1 "attached read-write" run new n --root "$T/fleet/web1/local.img"
refuse "a root that is text" 1 "no root image" run new n --root "$T/drydock.conf"
refuse "a kernel that is none" 1 "ELF" run new n --root "$R" -k "$T/drydock.conf"
cp "$R" "$T/lone.img"
refuse "no kernel anywhere" 1 "which kernel" run new n --root "$T/lone.img"
refuse "memory" 2 "memory" run new n --root "$R" -m 1k
refuse "a packages' archive that is none" 1 "pkg" run new n --root "$R" --pkg-from "$T/drydock.conf"
refuse "packages that are missing" 1 "none" run new n --root "$R" --pkg-from "$T/none"
refuse "a local that is too small" 1 "local: .*no room" run new n --root "$T/fleet/big.img" -k "$T/kernel" --local-size 1m
grep -q 'hint: .*--local-size' "$T/err" && pass "the option for more" || fail "the option for more" "$(cat "$T/err")"
refuse "a host name" 2 "host name" run new n --root "$R" --hostname 'a b'
refuse "an address without a prefix" 2 "prefix" run new n --root "$R" --ip 192.0.2.7
refuse "packages that don't fit" 1 "pkg" run new n --root "$R" --pkg-from "$T/fleet" --pkg-size 1m
refuse "a size that is none" 1 "pkg" run new n --root "$R" --pkg-size 10k
refuse "half-way in a folder that is there" 1 "pkg" run new n --root "$R" --dir "$T/fleet/web1/.." --pkg-size 10k
refuse "a folder in a missing one" 1 "none" run new n --root "$R" --dir "$T/none/dir"
refuse "a folder that is a file" 1 "not a folder" run new n --root "$R" --dir "$T/kernel"
refuse "an address" 2 "interface" run new n --root "$R" --mac 00:16:3e:01:02
refuse "an address of many" 2 "interface" run new n --root "$R" --mac 01:16:3e:01:02:03
refuse "a bridge" 2 "bridge" run new n --root "$R" --bridge 'br0,script=x'
refuse "no parameters" 1 "none" run new n --root "$R" -c "$T/none"
printf 'algorithm aes-cbc;\nkeygen urandomkey;\n' >"$T/random"
refuse "a random key" 2 "random" run new n --root "$R" -c "$T/random"
refuse "a path that xl can't be told" 1 "xl.cfg" run new n --root "$R" --dir "$(printf '%s/a\nb' "$T/fleet")"
printf 'config_dirs = [ "gone" ]\n' >"$T/gone.conf"
refuse "no folder of configurations" 1 "gone" "$DRYDOCK" --config "$T/gone.conf" new n --root "$R" -k "$T/kernel"
refuse "two names" 2 "one too many" run new a b --root "$R"

# the last step fails: all that was made goes
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$T" "$T/xen"
	chmod 777 "$T/fleet"
	state >"$T/before"
	fails "the configuration can't be written" 1 "n.cfg" nobody "$DRYDOCK" --config "$T/drydock.conf" new n --root "$R"
	state | cmp -s - "$T/before" && pass "all that was made goes" || fail "all that was made goes" "$(state | diff "$T/before" -)"
else
	echo "# skip the last step: needs root"
fi

# create root, local, pkg, swap: the images of the scheme, plain and encrypted.
. tests/cmd/lib.sh
P=tests/vectors/cgd/cgd-aes-xts-256-encblkno1.params
get() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$T/out" "$1"; }
holds() { "$DRYDOCK" disk "$@" | sed -n 's/^a: //p'; }
kib() { du -k "$1" | cut -f1; }

# defaults
for k in root local pkg; do
	works "$k: made" "$DRYDOCK" create $k "$T/$k.img" --json
	case $k in
	root) want="2147483648 16384 2048" low=200000 high=300000 ;;
	local) want="268435456 8192 1024" low=60000 high=70000 ;;
	pkg) want="2147483648 16384 2048" low=250000 high=270000 ;;
	esac
	is "$k: size, blocks, fragments" "$(get size) $(get block_size) $(get fragment_size)" "$want"
	n=$(get inodes)
	if [ "$n" -ge $low ] && [ "$n" -le $high ]; then pass "$k: inodes"; else fail "$k: inodes" "$n"; fi
	is "$k: FFSv2 of that name" "$(holds "$T/$k.img")" "FFSv2, clean, volume \"$k\""
	works "$k: is without fault" "$DRYDOCK" check "$T/$k.img"
	is "$k: is sparse" "$([ "$(kib "$T/$k.img")" -lt 1024 ] && echo yes)" yes
done

# the operator's word
works "local as asked for" "$DRYDOCK" create local "$T/small.img" -s 48m -i 2048 -O 1 --json
is "size, version, inodes" "$(get size) $(get version) $([ "$(get inodes)" -gt 20000 ] && echo many)" "50331648 1 many"
works "a large local" "$DRYDOCK" create local "$T/large.img" -s 2g --json
is "still has an inode for 4 KiB" "$([ "$(get inodes)" -gt 480000 ] && echo yes)" yes
mkdir "$T/src"
head -c 5000000 /dev/zero >"$T/src/file"
works "root from a folder" "$DRYDOCK" create root "$T/from.img" --from "$T/src" --json
is "has the folder's size" "$([ "$(get size)" -lt 20000000 ] && echo yes)" yes
works "pkg from a folder" "$DRYDOCK" create pkg "$T/pfrom.img" --from "$T/src" --json
is "has room to grow" "$(get size)" 2147483648
is "and the folder in it" "$("$DRYDOCK" ls "$T/pfrom.img")" file
works "an image called local" "$DRYDOCK" create -s 4m "$T/local"
works "a kind needs a second word" sh -c "cd '$T/src' && '$DRYDOCK' create local -s 4m && test -f local"

# swap
works "swap: made" "$DRYDOCK" create swap "$T/swap.img" -s 64m
is "swap: b is swap, behind the label" "$("$DRYDOCK" disk "$T/swap.img" | awk '$1 == "b" || $1 == "d" { print $1, $2, $3 }')" "b swap 64
d unused 0"
is "swap: sparse" "$([ "$(kib "$T/swap.img")" -lt 64 ] && [ "$(wc -c <"$T/swap.img")" -eq 67108864 ] && echo yes)" yes
is "swap: nothing behind the label" "$(tail -c +1025 "$T/swap.img" | tr -d '\0' | wc -c | tr -d ' ')" 0
works "swap: in a dry run" "$DRYDOCK" create swap "$T/none.img" -n
is "swap: not made" "$([ -e "$T/none.img" ] || echo no)" no
for s in 1024 4096; do
	works "swap: sectors of $s" "$DRYDOCK" create swap "$T/swap$s.img" -s 1m --sector-size $s
	is "swap: the label says so" "$("$DRYDOCK" disk --sector-size $s "$T/swap$s.img" | awk '$1 == "b" { print $2 }')" swap
done

# encrypted
for k in local pkg; do
	works "$k: encrypted" "$DRYDOCK" create $k "$T/e$k.img" -s 32m -c $P --from "$T/src" --json
	is "$k: says so" "$(get encrypted)" True
	is "$k: looks so" "$("$DRYDOCK" disk "$T/e$k.img" | grep -c 'looks encrypted')" 1
	works "$k: the key fits" "$DRYDOCK" cgd key-check -c $P "$T/e$k.img"
	works "$k: is without fault" "$DRYDOCK" check -c $P "$T/e$k.img"
	is "$k: the folder is in it" "$("$DRYDOCK" cat -c $P "$T/e$k.img:/file" | sum -)" "$(sum "$T/src/file")"
	is "$k: sparse" "$([ "$(kib "$T/e$k.img")" -lt 8000 ] && echo yes)" yes
done
is "no superblock in the clear" "$(python3 - "$T/elocal.img" <<'PY'
import sys
d = open(sys.argv[1], 'rb').read()
print(d.count(bytes.fromhex('19015419')), d.count(b'local\0'))
PY
)" "0 0"
works "a parameters file" "$DRYDOCK" cgd params new -V ffs -o "$T/pass.params" aes-cbc 256
printf 'open sesame\n' >"$T/pass"
works "with a passphrase" "$DRYDOCK" create local "$T/p.img" -s 16m -c "$T/pass.params" --passphrase-fd 3 3<"$T/pass"
works "opens with it" "$DRYDOCK" ls -c "$T/pass.params" --passphrase-fd 3 "$T/p.img" 3<"$T/pass"
sed 's/ffs/re-enter/' "$T/pass.params" >"$T/twice.params"
printf 'open sesame\nopen sesamy\n' >"$T/typo"
fails "a slip of the fingers" 1 "passphrases differ" "$DRYDOCK" create local "$T/no.img" -c "$T/twice.params" --passphrase-fd 3 3<"$T/typo"
sed 's/ffs/disklabel/' $P >"$T/label.params"
fails "a verify method that would refuse it" 2 "verify_method disklabel" "$DRYDOCK" create local "$T/no.img" -s 8m -c "$T/label.params"
fails "a dry run tells so, too" 2 "verify_method disklabel" "$DRYDOCK" create local -n "$T/no.img" -s 8m -c "$T/label.params"
works "a dry run of an encrypted one" "$DRYDOCK" create local -n "$T/no.img" -s 8m -c $P
works "a label in the cgd" "$DRYDOCK" create local "$T/el.img" -s 8m -c "$T/label.params" --label mine
works "which the method takes" "$DRYDOCK" cgd key-check -c "$T/label.params" "$T/el.img"
printf 'algorithm aes-cbc;\nkeygen urandomkey;\n' >"$T/random.params"
fails "a random key" 2 "can't be read again" "$DRYDOCK" create pkg "$T/no.img" -c "$T/random.params"

# refusals
fails "an image that exists" 1 "something already" "$DRYDOCK" create local "$T/root.img"
fails "a swap that exists" 1 "something already" "$DRYDOCK" create swap "$T/root.img"
fails "no such kind" 2 "no such kind" "$DRYDOCK" create lokal "$T/no.img"
fails "three words" 2 "one too many" "$DRYDOCK" create local "$T/no.img" "$T/no2.img"
fails "an encrypted swap" 2 "encrypted by the domU" "$DRYDOCK" create swap "$T/no.img" -c $P
fails "a swap with a file system" 2 "no file system" "$DRYDOCK" create swap "$T/no.img" -O 1
fails "a swap with content" 2 "no file system" "$DRYDOCK" create swap "$T/no.img" --from "$T/src"
fails "a swap of nothing" 1 "no room" "$DRYDOCK" create swap "$T/no.img" -s 16k
fails "a folder that there isn't" 1 "none" "$DRYDOCK" create swap "$T/none/no.img"
is "nothing is left of them" "$(ls "$T" | grep '^no')" ""
is "and of the others' files beside" "$(ls "$T" | grep 'img\.' )" ""

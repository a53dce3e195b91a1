# Read by demo.sh and by tests: the specs of images, from the demo's files.

# A word of an mtree spec.
spec_word() {
	printf '%s' "$1" | sed 's/\\/\\134/g; s/ /\\040/g; s/#/\\043/g'
}

# fill DEMO ERA: root.spec with @E and @C replaced by their folders.
fill() {
	ERA=$(spec_word "$1/$2") COMMON=$(spec_word "$1/common") awk '
	function put(what, value,   i) {
		if ((i = index($0, what)) > 0)
			$0 = substr($0, 1, i - 1) value substr($0, i + 2)
	}
	{ put("@E", ENVIRON["ERA"]); put("@C", ENVIRON["COMMON"]); print }
	' "$1/root.spec"
}

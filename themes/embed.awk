# Theme files as C: the entries of theme_builtins.
FNR == 1 {
	if (NR > 1)
		print "},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.theme$/, "", name)
	printf "{ \"%s\",\n", name
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\"%s\\n\"\n", $0
}
END { print "}," }

#!@RCD_SCRIPTS_SHELL@
#
# $NetBSD$
#
# PROVIDE: drydock
# REQUIRE: xencommons
# BEFORE: xendomains
#
# drydock		YES: before domUs start, bring to an end what a crash of
#			dom0 left half done in their images (drydock recover).
#			What can't be is said, and stays for the operator.

. /etc/rc.subr

name="drydock"
rcvar=$name
start_cmd="drydock_start"
stop_cmd=":"

drydock_start()
{
	echo "Recovering images of domUs."
	PATH=${PATH}:@PREFIX@/sbin:@PREFIX@/bin @PREFIX@/sbin/drydock recover
}

load_rc_config $name
: ${drydock:=NO}
run_rc_command "$1"

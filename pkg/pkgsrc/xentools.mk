# $NetBSD$
#
# The tools of the Xen that dom0 runs.  xentools415, 418 and 420 exclude each
# other, and the buildlink3.mk of each names xentools415, so it is said here:
# for another Xen write its number instead of 418.

BUILDLINK_TREE+=			xentools418
BUILDLINK_API_DEPENDS.xentools418+=	xentools418>=20231020
BUILDLINK_PKGSRCDIR.xentools418?=	../../sysutils/xentools418
BUILDLINK_TREE+=			-xentools418

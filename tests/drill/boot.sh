# Makes a machine of the folder $1 and becomes its first process; run in namespaces of its own.
set -eu
hostname telefono
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
# What its kernel shares with ours it only reads.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
    # shellcheck disable=SC2086
    mknod -m 666 dev/${device%% *} c ${device#* }
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
: >dev/console
mkdir -p .old
pivot_root . .old
exec env -i container=drill PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . \
    sh -c 'umount -l /.old; exec /sbin/init --log-target=console </dev/null'

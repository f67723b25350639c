#!/bin/sh
# Boot Debian's full kernel in qemu, without acceleration, with vivid's camera, and run tests/camera there.
#   tests/camera/boot.sh CACHE PYTHON [PYTEST-ARGUMENTS…]
# The guest sees this machine's files and changes none of them.
set -eu
cache=$1 python=$2
shift 2
top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$cache"
cd "$cache"
if [ ! -e ready ]; then
    kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
    apt-get download "$kernel" busybox-static >/dev/null 2>&1
    for package in linux-image-*.deb busybox-static_*.deb; do dpkg-deb -x "$package" parts; done
    depmod -b parts "$(ls parts/lib/modules)"
    touch ready
fi
version=$(ls parts/lib/modules)

rm -rf first && mkdir -p first/bin first/new first/top first/modules
cp parts/bin/busybox first/bin/
for module in virtio_pci 9p 9pnet_virtio overlay; do
    modprobe -d parts -S "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' >first/order
while read -r file; do cp "$file" first/modules/; done <first/order
cat >first/init <<END
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /low /up
/bin/busybox mount -t proc proc /proc
while read -r file; do /bin/busybox insmod /modules/\$(/bin/busybox basename \$file); done </order
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro root /low
/bin/busybox mount -t tmpfs tmpfs /up
/bin/busybox mkdir -p /up/w /up/u
/bin/busybox mount -t overlay -o lowerdir=/low,upperdir=/up/u,workdir=/up/w overlay /new
for kind in proc sysfs devtmpfs; do
    case \$kind in proc) at=proc ;; sysfs) at=sys ;; *) at=dev ;; esac
    /bin/busybox mount -t \$kind \$kind /new/\$at
done
/bin/busybox mount -t tmpfs tmpfs /new/tmp
exec /bin/busybox chroot /new /bin/sh -c '
    cd "$top"
    modprobe -d "$cache/parts" vivid n_devs=1 node_types=0x1 input_types=0x0
    HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1 OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT=3 \
        "$python" -m pytest -p no:cacheprovider tests/camera $*
    echo "exit code: \$?"
    echo o >/proc/sysrq-trigger
    while :; do :; done'
END
chmod +x first/init
(cd first && find . | cpio -o -H newc --quiet | gzip -1) >first.img
qemu-system-x86_64 -accel tcg -cpu max -m 2048 -nographic -no-reboot -nic none \
    -kernel parts/boot/vmlinuz-* -initrd first.img -append 'console=ttyS0 quiet panic=1' \
    -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap </dev/null | tee log
grep -q '^exit code: 0' log
